import type { MessageListItem } from '#lib/adapters';
import { isId } from '#lib/core';
import { html, type Html } from '../http/page-shell.js';
import type { Platform } from '../platform.js';
import type { Session } from './session-cookie.js';

const IDS_MAX = 200;

/**
 * The messages that a job is about, with their states. Addresses are not shown: who may look at the queues need not be
 * one who may look at messages. Messages of other organizations are not there for this one.
 */
export async function jobMessagesPage(
  platform: Platform,
  { organizationId }: Session,
  asked: { readonly queue: string; readonly job: string },
): Promise<Html | undefined> {
  const queue = platform.queues.boardQueues().find(({ name }) => name === asked.queue);
  const job = (await queue?.getJob(asked.job)) as { readonly data: unknown } | undefined;
  if (queue === undefined || job === undefined) return undefined;
  const ids = idsOf(job.data);
  const { items } = await platform.stores.messages.list(organizationId, { ids }, { limit: IDS_MAX, cursor: null });
  const byId = new Map(items.map((item) => [item.id, item]));
  const rows = ids.map((id) => rowOf(id, byId.get(id)));
  return html`<p>
      Job <code>${asked.job}</code> of the queue ${queue.name}.
      <a href="/queues/queue/${queue.name}/${asked.job}">Back to the job</a>
    </p>
    <table>
      <caption>
        Messages of this job
      </caption>
      <thead>
        <tr>
          <th scope="col">Message</th>
          <th scope="col">Status</th>
          <th scope="col">Received</th>
          <th scope="col">Recipients</th>
          <th scope="col" class="wide">Bytes</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function rowOf(id: string, message: MessageListItem | undefined): Html {
  if (message === undefined) {
    return html`<tr>
      <th scope="row"><code>${id}</code></th>
      <td colspan="4">not a message that this key may see</td>
    </tr> `;
  }
  const { status, receivedAt, recipientCount, sizeBytes } = message;
  return html`<tr>
    <th scope="row"><code>${id}</code></th>
    <td>${status}</td>
    <td>${receivedAt}</td>
    <td>${recipientCount}</td>
    <td class="wide">${sizeBytes}</td>
  </tr> `;
}

function idsOf(data: unknown): string[] {
  const ids: unknown = typeof data === 'object' && data !== null && 'ids' in data ? data.ids : [];
  return Array.isArray(ids)
    ? ids.filter((id): id is string => typeof id === 'string' && isId(id)).slice(0, IDS_MAX)
    : [];
}
