import { prepared } from '../statement.js';

/**
 * Of the runs given (message, queue, claim) those that still have their claim. Their rows of the outbox are locked by the
 * first statement, so that it stays so until the end of the transaction.
 */
const held = (ids: string, queues: string, claims: string): string =>
  `unnest(${ids}::uuid[], ${queues}::text[], ${claims}::uuid[]) c (id, queue, claim)
       JOIN outbox o ON o.id = c.id AND o.queue = c.queue AND o.claim IS NOT DISTINCT FROM c.claim`;

/**
 * First of a closing record: takes the lock of each message (in order, so that two never wait for one another), then of
 * the rows of the outbox that the runs hold, and adds what is only added: who is to be told, copies, rules that matched,
 * events. Gives the messages that there are, and whether the run still has its claim; if not, nothing is written of it.
 */
export const addRecords = prepared<{ id: string; is_held: boolean }, readonly unknown[]>(
  'close_add',
  `WITH locked AS MATERIALIZED (
     SELECT id, received_at FROM message WHERE id = ANY ($2::uuid[]) ORDER BY id FOR NO KEY UPDATE
   ), held AS MATERIALIZED (
     SELECT l.id, l.received_at FROM locked l JOIN ${held('$2', '$18', '$19')} ON c.id = l.id FOR UPDATE OF o
   ), told AS (
     INSERT INTO notification (organization_id, id, message_id, request)
     SELECT $1, g.id, g.message_id, g.request::json
       FROM unnest($3::uuid[], $4::uuid[], $5::text[]) g (id, message_id, request) JOIN held h ON h.id = g.message_id
     ON CONFLICT DO NOTHING
     RETURNING id, message_id, request
   ), due AS (
     INSERT INTO outbox (organization_id, id, queue, due_at, hint_at)
     SELECT $1, t.id, 'notify', now(), now() + interval '5 seconds' FROM told t
     ON CONFLICT DO NOTHING
   ), copies AS (
     INSERT INTO delivery AS d (organization_id, message_id, id, blob, size_bytes, protection, has_8bit)
     SELECT $1, g.message_id, g.id, g.blob, g.size_bytes, g.protection, g.has_8bit
       FROM unnest($6::uuid[], $7::uuid[], $8::text[], $9::bigint[], $10::text[], $11::boolean[])
            g (message_id, id, blob, size_bytes, protection, has_8bit)
       JOIN held h ON h.id = g.message_id
     ON CONFLICT (message_id, id) DO UPDATE
       SET blob = coalesce(excluded.blob, d.blob), size_bytes = excluded.size_bytes, protection = excluded.protection,
           has_8bit = excluded.has_8bit
   ), matched AS (
     INSERT INTO message_rule (organization_id, rule_id, received_at, message_id)
     SELECT $1, g.rule_id, h.received_at, h.id
       FROM unnest($12::uuid[], $13::uuid[]) g (message_id, rule_id) JOIN held h ON h.id = g.message_id
     ON CONFLICT DO NOTHING
   ), happened AS (
     INSERT INTO event (organization_id, message_id, at, type, detail)
     SELECT $1, e.message_id, e.at, e.type, e.detail
       FROM (SELECT 0 AS part, g.n, g.message_id, g.at, g.type, g.detail::json AS detail
               FROM unnest($14::uuid[], $15::timestamptz[], $16::text[], $17::text[]) WITH ORDINALITY
                    g (message_id, at, type, detail, n)
               JOIN held h ON h.id = g.message_id
             UNION ALL
             SELECT 1, 0, t.message_id, now(), 'notified',
                    json_build_object('about', t.request -> 'type', 'recipients', t.request -> 'recipients')
               FROM told t) e
      ORDER BY e.part, e.n
   )
   SELECT l.id, h.id IS NOT NULL AS is_held FROM locked l LEFT JOIN held h ON h.id = l.id`,
);

type AddedRecipients = [
  organizationId: string,
  messageIds: readonly string[],
  addresses: readonly string[],
  rejudgeWith: readonly (string | null)[],
];

const addRecipientsTo = (messages: string): string =>
  `INSERT INTO recipient (organization_id, message_id, n, address, origin, rejudge_with, received_at)
   SELECT $1, m.id,
          (SELECT coalesce(max(r.n), -1) FROM recipient r WHERE r.message_id = m.id)
            + row_number() OVER (PARTITION BY m.id ORDER BY g.n),
          g.address, 'added', g.rejudge_with, m.received_at
     FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY g (message_id, address, rejudge_with, n)
     JOIN message m ON m.id = g.message_id AND m.id = ANY (${messages})
   ON CONFLICT DO NOTHING`;

/** Recipients whom rules added, as far as they are new. */
export const addRecipients = prepared<
  never,
  [...AddedRecipients, ids: readonly string[], queues: readonly string[], claims: readonly (string | null)[]]
>('close_add_recipients', addRecipientsTo(`ARRAY(SELECT c.id FROM ${held('$5', '$6', '$7')})`));

/** The same for a run that has lost its claim. */
export const addLateRecipients = prepared<never, AddedRecipients>('late_add_recipients', addRecipientsTo('$2::uuid[]'));

/** How each recipient of the runs stands. Who has an end keeps it, unless the copy did go out. */
export const settleRecipients = prepared<never, readonly unknown[]>(
  'close_settle',
  `UPDATE recipient r
      SET state = g.state, code = g.code, protection = coalesce(g.protection, r.protection),
          rules = coalesce(g.rules::uuid[], r.rules), parked_by_rule = g.parked_by_rule,
          delivery_id = coalesce(g.delivery_id, r.delivery_id), last_reply = coalesce(g.last_reply, r.last_reply),
          attempts = r.attempts + g.attempted::integer,
          first_attempt_at = coalesce(r.first_attempt_at, CASE WHEN g.attempted THEN now() END),
          last_attempt_at = CASE WHEN g.attempted THEN now() ELSE r.last_attempt_at END,
          rejudge_with = CASE WHEN NOT is_finished(ARRAY[g.state]) THEN r.rejudge_with END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::text[],
                 $10::boolean[])
          g (message_id, address, state, code, protection, rules, parked_by_rule, delivery_id, last_reply, attempted)
          JOIN ${held('$11', '$12', '$13')} ON c.id = g.message_id
    WHERE r.message_id = g.message_id AND r.address = g.address
      AND (g.state = 'delivered' OR NOT is_finished(ARRAY[r.state]))`,
);

/**
 * Last: the message as its recipients stand now, how it was judged (what was kept of that before is an earlier judging then),
 * and its outbox rows. The row of the run's own claim goes, or is due
 * again: at once if somebody became pending meanwhile. What the other queue's run holds is left to it; only when `emit`
 * is due next is written there.
 */
export const finishMessages = prepared<never, readonly unknown[]>(
  'close_finish',
  `WITH given AS MATERIALIZED (
     SELECT g.*, s.states, 'pending' = ANY (s.states) AS is_pending, 'deferred' = ANY (s.states) AS is_deferred,
            CASE WHEN g.queue = 'process' THEN now()
                 WHEN e.due_at > now() THEN least(e.due_at, g.emit_at)
                 ELSE coalesce(g.emit_at, now()) END AS due_at
       FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[], $6::bytea[], $7::text[], $9::text[])
            g (id, queue, emit_at, sealed_trace, sealed_summary, rule_set_used, judging)
       JOIN ${held('$2', '$3', '$8')} ON c.id = g.id
       JOIN (SELECT r.message_id, array_agg(r.state) AS states FROM recipient r WHERE r.message_id = ANY ($2::uuid[])
              GROUP BY r.message_id) s ON s.message_id = g.id
       LEFT JOIN outbox e ON e.id = g.id AND e.queue = 'emit'
   ), closed AS (
     UPDATE message m
        SET status = message_status(g.states),
            closed_at = CASE WHEN is_finished(g.states) THEN coalesce(m.closed_at, now()) END,
            sealed_trace = coalesce(g.sealed_trace, m.sealed_trace),
            sealed_summary = coalesce(g.sealed_summary, m.sealed_summary),
            rule_set_used = coalesce(g.rule_set_used, m.rule_set_used), judging = coalesce(g.judging::json, m.judging)
       FROM given g WHERE m.id = g.id
   ), earlier AS (
     INSERT INTO earlier_judging (organization_id, message_id, n, rule_set, judging, sealed_trace)
     SELECT $1, m.id, (SELECT count(*) FROM earlier_judging e WHERE e.message_id = m.id),
            m.rule_set_used, m.judging, CASE WHEN m.judging ->> 'kind' = 'judged' THEN m.sealed_trace END
       FROM given g JOIN message m ON m.id = g.id WHERE g.judging IS NOT NULL AND m.judging IS NOT NULL
   ), gone AS (
     DELETE FROM outbox o USING given g
      WHERE o.id = g.id AND ((o.queue = 'process' AND g.queue = 'process' AND NOT g.is_pending)
                             OR (o.queue = 'emit' AND NOT g.is_deferred))
   ), own AS (
     INSERT INTO outbox AS o (organization_id, id, queue, due_at, hint_at)
     SELECT $1, g.id, g.queue, g.due_at, g.due_at
       FROM given g WHERE CASE g.queue WHEN 'emit' THEN g.is_deferred ELSE g.is_pending END
     ON CONFLICT (id, queue) DO UPDATE
       SET due_at = excluded.due_at, hint_at = excluded.hint_at, locked_until = '-infinity', claim = NULL,
           tries = 0
   ), other AS (
     INSERT INTO outbox AS o (organization_id, id, queue, due_at, hint_at)
     SELECT $1, g.id, 'emit', g.emit_at, g.emit_at
       FROM given g WHERE g.queue = 'process' AND g.is_deferred AND g.emit_at IS NOT NULL
     ON CONFLICT (id, queue) DO UPDATE
       SET due_at = CASE WHEN o.locked_until > now() THEN excluded.due_at ELSE least(o.due_at, excluded.due_at) END,
           hint_at = CASE WHEN o.locked_until > now() THEN excluded.due_at ELSE least(o.due_at, excluded.due_at) END
   )
   SELECT 1`,
);
