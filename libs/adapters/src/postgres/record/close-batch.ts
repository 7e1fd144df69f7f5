import type { CloseInput, RecipientClose } from '#lib/flow';
import type { DatabasePool } from '../database-pool.js';
import { jsonOf, storable } from '../statement.js';
import { addRecipients, addRecords, finishMessages, settleRecipients } from './close-statements.js';

/** `missing`: there is no such message; `lost`: the run has lost its claim, and nothing was written. */
export type CloseOutcome = 'closed' | 'lost' | 'missing';

/** The closing records of several runs, each over another message: all of them or none. */
export async function closeBatch(
  pool: DatabasePool,
  organizationId: string,
  inputs: readonly CloseInput[],
): Promise<CloseOutcome[]> {
  const ids = inputs.map(({ id }) => id);
  const queues = inputs.map(({ queue }) => queue);
  const claims = inputs.map(({ claim }) => claim);
  const settled = inputs.flatMap(({ id, rejudgeWith, recipients }) =>
    recipients.map((recipient) => ({ id, rejudgeWith, recipient })),
  );
  const added = settled.filter(({ recipient }) => recipient.origin === 'added');
  const [known] = await pool.batch(organizationId, [
    addRecords(
      organizationId,
      ids,
      ...notifyOf(inputs),
      ...deliveriesOf(inputs),
      ...rulesOf(settled),
      ...eventsOf(inputs),
      queues,
      claims,
    ),
    added.length === 0
      ? undefined
      : addRecipients(
          organizationId,
          added.map(({ id }) => id),
          added.map(({ recipient }) => recipient.address),
          added.map(({ rejudgeWith }) => rejudgeWith),
          ids,
          queues,
          claims,
        ),
    settled.length === 0 ? undefined : settleRecipients(...recipientsOf(settled), ids, queues, claims),
    finishMessages(
      organizationId,
      ids,
      queues,
      inputs.map(({ emitAt }) => emitAt),
      inputs.map(({ sealedTrace }) => bytesOf(sealedTrace)),
      inputs.map(({ sealedSummary }) => bytesOf(sealedSummary)),
      inputs.map(({ ruleSetUsed }) => ruleSetUsed),
      claims,
      inputs.map(({ judging }) => (judging === null ? null : jsonOf(judging))),
    ),
  ]);
  const isHeld = new Map(known.map(({ id, is_held: held }) => [id, held]));
  return ids.map((id) => (({ true: 'closed', false: 'lost', undefined: 'missing' }) as const)[`${isHeld.get(id)}`]);
}

interface Settled {
  readonly id: string;
  readonly recipient: RecipientClose;
}

function notifyOf(inputs: readonly CloseInput[]): unknown[][] {
  const rows = inputs.flatMap(({ id, notify }) => notify.map((request) => ({ id, request })));
  return [rows.map(({ request }) => request.id), rows.map(({ id }) => id), rows.map(({ request }) => jsonOf(request))];
}

function deliveriesOf(inputs: readonly CloseInput[]): unknown[][] {
  const rows = inputs.flatMap(({ id, deliveries }) => deliveries.map((delivery) => ({ id, delivery })));
  return [
    rows.map(({ id }) => id),
    rows.map(({ delivery }) => delivery.id),
    rows.map(({ delivery }) => delivery.blob),
    rows.map(({ delivery }) => delivery.sizeBytes),
    rows.map(({ delivery }) => delivery.protection),
    rows.map(({ delivery }) => delivery.has8bit),
  ];
}

function rulesOf(settled: readonly Settled[]): unknown[][] {
  const once = new Map<string, { readonly id: string; readonly rule: string }>();
  for (const { id, recipient } of settled) {
    for (const rule of recipient.rules ?? []) once.set(`${id} ${rule}`, { id, rule });
  }
  const rows = [...once.values()];
  return [rows.map(({ id }) => id), rows.map(({ rule }) => rule)];
}

function eventsOf(inputs: readonly CloseInput[]): unknown[][] {
  const rows = inputs.flatMap(({ id, events }) => events.map((event) => ({ id, event })));
  return [
    rows.map(({ id }) => id),
    rows.map(({ event }) => event.at),
    rows.map(({ event }) => event.type),
    rows.map(({ event }) => jsonOf(event.detail)),
  ];
}

function recipientsOf(settled: readonly Settled[]): unknown[][] {
  const recipients = settled.map(({ recipient }) => recipient);
  return [
    settled.map(({ id }) => id),
    recipients.map(({ address }) => address),
    recipients.map(({ state }) => state),
    recipients.map(({ code }) => code),
    recipients.map(({ protection }) => protection),
    recipients.map(({ rules }) => (rules === null ? null : `{${rules.join(',')}}`)),
    recipients.map(({ parkedByRule }) => parkedByRule),
    recipients.map(({ deliveryId }) => deliveryId),
    recipients.map(({ lastReply }) => (lastReply === null ? null : storable(lastReply))),
    recipients.map(({ attempted }) => attempted),
  ];
}

function bytesOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
