import type { FlowEvent } from '#lib/flow';
import { jsonOf, planned, prepared, type Statement } from '../statement.js';

/** Locks of messages, in order, before their recipients are changed; gives those that there are and can still be opened. */
export const lockMessages = prepared<{ id: string }, [ids: readonly string[]]>(
  'lock_messages',
  `SELECT id FROM message WHERE id = ANY ($1::uuid[]) AND wrapped_key IS NOT NULL ORDER BY id FOR NO KEY UPDATE`,
);

/** An event of a message; without `at` it happens now. */
interface MessageEvent extends Pick<FlowEvent, 'type' | 'detail'> {
  readonly messageId: string;
  readonly at?: Date;
}

const insertEvents = prepared<never, [organizationId: string, ...(readonly unknown[])[]]>(
  'add_events',
  `INSERT INTO event (organization_id, message_id, at, type, detail)
   SELECT $1, g.message_id, coalesce(g.at, now()), g.type, g.detail::json
     FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) WITH ORDINALITY
          g (message_id, at, type, detail, n)
    ORDER BY g.n`,
);

/** Adds events, in their order. */
export function addEvents(organizationId: string, events: readonly MessageEvent[]): Statement<never> {
  return insertEvents(
    organizationId,
    events.map(({ messageId }) => messageId),
    events.map(({ at }) => at ?? null),
    events.map(({ type }) => type),
    events.map(({ detail }) => jsonOf(detail)),
  );
}

/** Status and end of messages as their recipients stand now. */
const standing = (ids: string): string =>
  `stand AS MATERIALIZED (
     SELECT r.message_id AS id, array_agg(r.state) AS states FROM recipient r WHERE r.message_id = ANY (${ids}::uuid[])
      GROUP BY r.message_id
   ), refreshed AS (
     UPDATE message m
        SET status = message_status(s.states),
            closed_at = CASE WHEN is_finished(s.states) THEN coalesce(m.closed_at, now()) END
       FROM stand s WHERE m.id = s.id
   )`;

/** Messages as their recipients stand; what of them is due is left as it is. */
export const refreshStatus = prepared<never, [ids: readonly string[]]>(
  'refresh_status',
  `WITH ${standing('$1')} SELECT 1`,
);

/**
 * Messages as their recipients stand after a person's act, or after a key came. Who is pending again is due at once; a run
 * that has the claim just now keeps it, and its closing record sees to them.
 */
export const refreshMessages = prepared<never, [organizationId: string, ids: readonly string[]]>(
  'refresh_messages',
  `WITH ${standing('$2')}, due AS (
     INSERT INTO outbox AS o (organization_id, id, queue, due_at, hint_at)
     SELECT $1, s.id, 'process', now(), now() + interval '2 seconds' FROM stand s WHERE 'pending' = ANY (s.states)
     ON CONFLICT (id, queue) DO UPDATE
       SET due_at = least(o.due_at, excluded.due_at), hint_at = least(o.hint_at, excluded.hint_at)
   ), gone AS (
     DELETE FROM outbox o USING stand s WHERE o.queue = 'emit' AND o.id = s.id AND NOT 'deferred' = ANY (s.states)
   )
   SELECT 1`,
);

/** Copies that are held for want of a key, by the addresses for which there is one now. */
export const findKeyless = planned<
  { message_id: string; address: string },
  [organizationId: string, addresses: readonly string[], limit: number]
>(
  `SELECT message_id, address FROM recipient
    WHERE organization_id = $1 AND address = ANY ($2::text[]) AND state = 'held' AND code = 'ERR_KEY_MISSING' LIMIT $3`,
);

export const wakeKeyless = planned<
  { message_id: string; address: string },
  [messageIds: readonly string[], addresses: readonly string[]]
>(
  `UPDATE recipient r SET state = 'pending', code = NULL, is_unprotected = false
     FROM unnest($1::uuid[], $2::text[]) g (message_id, address)
    WHERE r.message_id = g.message_id AND r.address = g.address AND r.state = 'held' AND r.code = 'ERR_KEY_MISSING'
   RETURNING r.message_id, r.address`,
);
