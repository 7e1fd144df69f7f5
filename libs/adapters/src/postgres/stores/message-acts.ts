import { isId } from '#lib/core';
import { Telling, type Accepted, type FlowEvent, type QueueName } from '#lib/flow';
import type { DatabasePool, Send } from '../database-pool.js';
import { askToTell, emitNow, FINAL, FITTING, rejectRecipients, wakeRecipients } from '../record/act-recipients.js';
import { acceptedOf, loadMessages, loadRecipients } from '../record/load-messages.js';
import { addEvents, lockMessages, refreshMessages } from '../record/wake-statements.js';
import { jsonOf } from '../statement.js';
import type { MessageActInput, MessageActOutcome } from '../stores.js';

/** What the sender reads in the DSN of a copy that a person rejected (RFC 3463: other or undefined security status). */
const REJECTED = { status: '5.7.0', reply: 'The message was rejected by an administrator.' };

interface Step {
  readonly events: readonly Pick<FlowEvent, 'type' | 'detail'>[];
  readonly enqueue: readonly { readonly queue: QueueName; readonly id: string }[];
}

/** A person's act upon recipients of a message, in one transaction with its event and with what follows of it. */
export async function actOn(
  pool: DatabasePool,
  organizationId: string,
  id: string,
  input: MessageActInput,
): Promise<MessageActOutcome> {
  if (!isId(id)) return { kind: 'missing' };
  return await pool.transaction(organizationId, async (send) => {
    // After the lock: what runs and other people wrote by then is seen.
    const [locked, [row], rows] = await Promise.all([
      send(lockMessages([id])),
      send(loadMessages([id])),
      send(loadRecipients([id])),
    ]);
    if (row === undefined) return { kind: 'missing' };
    const message = acceptedOf(organizationId, row, rows, { queue: 'process', claim: '', tries: 0 });
    const fitting = rows.filter(({ state }) => FITTING[input.act].includes(state));
    const named = fitting.filter(({ address }) => input.recipients?.includes(address) ?? true);
    // Content that was destroyed cannot be sent, whatever is asked.
    if (named.length === 0 || locked.length === 0) return { kind: 'unfit' };
    const addresses = named.map(({ address }) => address);
    const deferred = named.filter(({ state }) => state === 'deferred').map(({ address }) => address);
    const step =
      input.act === 'reject'
        ? await reject(send, message, addresses, input)
        : await goOn(send, message, { waking: addresses.filter((one) => !deferred.includes(one)), deferred }, input);
    await Promise.all([
      send(
        addEvents(
          organizationId,
          step.events.map((event) => ({ ...event, messageId: id })),
        ),
      ),
      send(refreshMessages(organizationId, [id])),
    ]);
    return { kind: 'done', recipients: addresses, enqueue: step.enqueue };
  });
}

async function goOn(
  send: Send,
  { id, organizationId }: Accepted,
  { waking, deferred }: { readonly waking: readonly string[]; readonly deferred: readonly string[] },
  { act, unprotected, apiKeyId }: MessageActInput,
): Promise<Step> {
  const isUnprotected = act === 'release' && unprotected !== undefined;
  if (waking.length > 0) await send(wakeRecipients(organizationId, id, waking, isUnprotected, act === 'rejudge'));
  if (deferred.length > 0) await send(emitNow(organizationId, id));
  const recipients = [...waking, ...deferred];
  const types = { release: 'released', retry: 'retried', rejudge: 'rejudged', reject: 'rejected' } as const;
  const overridden = {
    type: 'overridden',
    detail: { recipients, apiKey: apiKeyId, reason: unprotected?.reason ?? '' },
  } as const;
  return {
    events: [{ type: types[act], detail: { recipients, apiKey: apiKeyId } }, ...(isUnprotected ? [overridden] : [])],
    enqueue: [
      ...(waking.length > 0 ? [{ queue: 'process', id } as const] : []),
      ...(deferred.length > 0 ? [{ queue: 'emit', id } as const] : []),
    ],
  };
}

/** The sender is told where the flow would tell of a rejection. */
async function reject(
  send: Send,
  message: Accepted,
  addresses: readonly string[],
  { apiKeyId }: MessageActInput,
): Promise<Step> {
  await send(rejectRecipients(message.id, addresses));
  const origins = new Map(message.recipients.map(({ address, origin }) => [address, origin]));
  const fates = addresses.map((address) => ({ ...REJECTED, address, origin: origins.get(address) ?? 'added' }));
  const requests = new Telling(message).rejected(fates);
  const told = await send(
    askToTell(
      message.organizationId,
      message.id,
      requests.map((request) => request.id),
      requests.map((request) => jsonOf(request)),
    ),
  );
  const isTold = new Set(told.map(({ id }) => id));
  const isOver = message.recipients.every(({ address, state }) => addresses.includes(address) || FINAL.has(state));
  const notified = requests
    .filter((request) => isTold.has(request.id))
    .map(({ type, recipients }) => ({ type: 'notified', detail: { about: type, recipients } }) as const);
  return {
    events: [
      { type: 'rejected', detail: { recipients: addresses, apiKey: apiKeyId } },
      ...(isOver ? [{ type: 'closed', detail: {} } as const] : []),
      ...notified,
    ],
    enqueue: told.map(({ id }) => ({ queue: 'notify', id })),
  };
}
