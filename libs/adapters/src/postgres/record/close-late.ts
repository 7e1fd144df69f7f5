import { lateClose, type CloseInput } from '#lib/flow';
import type { DatabasePool } from '../database-pool.js';
import { jsonOf, prepared, storable } from '../statement.js';
import { askToTell } from './act-recipients.js';
import { addLateRecipients } from './close-statements.js';
import { loadRecipients } from './load-messages.js';
import { addEvents, lockMessages, refreshStatus } from './wake-statements.js';

const addCopies = prepared<never, readonly unknown[]>(
  'late_copies',
  `INSERT INTO delivery (organization_id, message_id, id, blob, size_bytes, protection, has_8bit)
   SELECT $1, $2, g.* FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::boolean[])
     g (id, blob, size_bytes, protection, has_8bit)
   ON CONFLICT DO NOTHING`,
);
const settleDelivered = prepared<never, readonly unknown[]>(
  'late_settle',
  `UPDATE recipient r
      SET state = 'delivered', code = NULL, protection = g.protection, parked_by_rule = NULL, rejudge_with = NULL,
          delivery_id = g.delivery_id, last_reply = g.last_reply, attempts = r.attempts + 1,
          first_attempt_at = coalesce(r.first_attempt_at, now()), last_attempt_at = now()
     FROM unnest($2::text[], $3::text[], $4::uuid[], $5::text[]) g (address, protection, delivery_id, last_reply)
    WHERE r.message_id = $1 AND r.address = g.address`,
);
/** What did leave in a run that has lost its claim (`lateClose`). */
export async function closeLate(pool: DatabasePool, input: CloseInput): Promise<void> {
  const { id, organizationId, rejudgeWith } = input;
  await pool.transaction(organizationId, async (send) => {
    const [locked, rows] = await Promise.all([send(lockMessages([id])), send(loadRecipients([id]))]);
    const delivered = new Set(rows.flatMap((row) => (row.state === 'delivered' ? [row.address] : [])));
    const late = locked.length === 0 ? null : lateClose(input, (address) => delivered.has(address));
    if (late === null) return;
    const { recipients, deliveries, events, notify } = late;
    const added = recipients.flatMap(({ origin, address }) => (origin === 'added' ? [address] : []));
    const [told] = await Promise.all([
      send(
        askToTell(
          organizationId,
          id,
          notify.map((request) => request.id),
          notify.map((request) => jsonOf(request)),
        ),
      ),
      send(
        addCopies(
          organizationId,
          id,
          deliveries.map((delivery) => delivery.id),
          deliveries.map(({ blob }) => blob),
          deliveries.map(({ sizeBytes }) => sizeBytes),
          deliveries.map(({ protection }) => protection),
          deliveries.map(({ has8bit }) => has8bit),
        ),
      ),
      send(
        addEvents(
          organizationId,
          events.map((event) => ({ ...event, messageId: id })),
        ),
      ),
      send(
        addLateRecipients(
          organizationId,
          added.map(() => id),
          added,
          added.map(() => rejudgeWith),
        ),
      ),
      send(
        settleDelivered(
          id,
          recipients.map(({ address }) => address),
          recipients.map(({ protection }) => protection),
          recipients.map(({ deliveryId }) => deliveryId),
          recipients.map(({ lastReply }) => (lastReply === null ? null : storable(lastReply))),
        ),
      ),
      // The row of the outbox is left to whoever has it: it finds nothing left to be done.
      send(refreshStatus([id])),
    ]);
    const isNew = new Set(told.map((row) => row.id));
    const asked = notify.filter((request) => isNew.has(request.id));
    await send(
      addEvents(
        organizationId,
        asked.map(({ type: about, recipients: named }) => ({
          messageId: id,
          type: 'notified',
          detail: { about, recipients: named },
        })),
      ),
    );
  });
}
