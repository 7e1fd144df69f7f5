import type { CloseInput, RecipientClose } from '#lib/flow';
import type { DatabasePool } from '../database-pool.js';
import { jsonOf, storable } from '../statement.js';
import { addRecipients, addRecords, finishMessages, settleRecipients } from './close-statements.js';

/** The closing records of several runs, all of them or none. Says of each whether there is such a message. */
export async function closeBatch(
  pool: DatabasePool,
  organizationId: string,
  inputs: readonly CloseInput[],
): Promise<boolean[]> {
  const ids = inputs.map(({ id }) => id);
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
    ),
    added.length === 0
      ? undefined
      : addRecipients(
          organizationId,
          added.map(({ id }) => id),
          added.map(({ recipient }) => recipient.address),
          added.map(({ rejudgeWith }) => rejudgeWith),
        ),
    settled.length === 0 ? undefined : settleRecipients(...recipientsOf(settled)),
    finishMessages(
      organizationId,
      ids,
      inputs.map(({ queue }) => queue),
      inputs.map(({ emitAt }) => emitAt),
      inputs.map(({ sealedTrace }) => bytesOf(sealedTrace)),
      inputs.map(({ sealedSummary }) => bytesOf(sealedSummary)),
      inputs.map(({ ruleSetUsed }) => ruleSetUsed),
    ),
  ]);
  const knownIds = new Set(known.map(({ id }) => id));
  return ids.map((id) => knownIds.has(id));
}

interface Settled {
  readonly id: string;
  readonly recipient: RecipientClose;
}

function notifyOf(inputs: readonly CloseInput[]): unknown[][] {
  const rows = inputs.flatMap(({ id, notify }) => notify.map((request) => ({ id, request })));
  return [rows.map(({ request }) => request.id), rows.map(({ id }) => id), rows.map(({ request }) => jsonOf(request))];
}

/** A copy that is settled twice in one batch stands as the later run has it. */
function deliveriesOf(inputs: readonly CloseInput[]): unknown[][] {
  const once = new Map(
    inputs.flatMap(({ id, deliveries }) => deliveries.map((delivery) => [`${id} ${delivery.id}`, { id, delivery }])),
  );
  const rows = [...once.values()];
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
