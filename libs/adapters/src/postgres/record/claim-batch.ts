import type { Accepted, ClaimedNotify, NotifyRequest } from '#lib/flow';
import type { DatabasePool } from '../database-pool.js';
import { postmasterOf } from '../postmaster.js';
import { prepared } from '../statement.js';
import { takeClaims } from './claim-statements.js';
import {
  acceptedOf,
  loadMessages,
  loadNotifiedMessages,
  loadNotifiedRecipients,
  loadRecipients,
} from './load-messages.js';

const loadNotifications = prepared<
  { id: string; message_id: string; request: NotifyRequest },
  [ids: readonly string[]]
>(
  'load_notifications',
  `SELECT id, message_id, request FROM notification WHERE id = ANY ($1::uuid[]) AND request IS NOT NULL`,
);
const loadFirstDomain = prepared<{ name: string }, [organizationId: string]>(
  'load_first_domain',
  `SELECT name FROM domain WHERE organization_id = $1 ORDER BY position LIMIT 1`,
);

/** What each of the calls gets; a message that two of them ask for goes to the first. */
export async function claimBatch(
  pool: DatabasePool,
  queue: 'process' | 'emit',
  organizationId: string,
  calls: readonly (readonly string[])[],
): Promise<Accepted[][]> {
  const ids = [...new Set(calls.flat())];
  // The loads see what was committed by the time the rows are ours, so a claim is never of an older state.
  const [claims, messages, recipients] = await pool.batch(organizationId, [
    takeClaims(queue, ids, pool.isSteady),
    loadMessages(ids),
    loadRecipients(ids),
  ]);
  const messageById = new Map(messages.map((message) => [message.id, message]));
  const recipientsById = Map.groupBy(recipients, (recipient) => recipient.message_id);
  const claimed = new Map<string, Accepted>();
  for (const { id, ...claim } of claims) {
    const message = messageById.get(id);
    if (message === undefined) continue;
    claimed.set(id, acceptedOf(organizationId, message, recipientsById.get(id) ?? [], { queue, ...claim }));
  }
  return shareOut(calls, claimed);
}

export async function claimNotifyBatch(
  pool: DatabasePool,
  organizationId: string,
  calls: readonly (readonly string[])[],
  givenPostmaster: string | undefined,
): Promise<ClaimedNotify[][]> {
  const ids = [...new Set(calls.flat())];
  const [claims, requests, messages, recipients, domains] = await pool.batch(organizationId, [
    takeClaims('notify', ids, pool.isSteady),
    loadNotifications(ids),
    loadNotifiedMessages(ids),
    loadNotifiedRecipients(ids),
    loadFirstDomain(organizationId),
  ]);
  const requestById = new Map(requests.map((request) => [request.id, request]));
  const messageById = new Map(messages.map((message) => [message.id, message]));
  const recipientsById = Map.groupBy(recipients, (recipient) => recipient.message_id);
  const postmaster = givenPostmaster ?? postmasterOf(domains[0]?.name);
  const claimed = new Map<string, ClaimedNotify>();
  for (const { id, ...claim } of claims) {
    const request = requestById.get(id);
    const message = messageById.get(request?.message_id ?? '');
    if (request === undefined || message === undefined) continue;
    const rows = recipientsById.get(message.id) ?? [];
    claimed.set(id, {
      id,
      request: request.request,
      message: acceptedOf(organizationId, message, rows, { queue: 'notify', ...claim }),
      sealedSummary: message.sealed_summary,
      isProtected: rows.some(({ protection }) => protection !== null && protection !== 'none'),
      postmaster,
    });
  }
  return shareOut(calls, claimed);
}

function shareOut<T>(calls: readonly (readonly string[])[], claimed: Map<string, T>): T[][] {
  return calls.map((ids) =>
    ids.flatMap((id) => {
      const one = claimed.get(id);
      claimed.delete(id);
      return one === undefined ? [] : [one];
    }),
  );
}
