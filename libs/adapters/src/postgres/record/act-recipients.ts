import type { RecipientState } from '#lib/flow';
import { prepared } from '../statement.js';
import type { MessageAct } from '../stores.js';

/** A recipient as acts look at it. */
export interface ActRow {
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly state: RecipientState;
}

const PARKED: readonly RecipientState[] = ['quarantined', 'awaitingApproval'];

/** The states in which nothing is left to be done. */
export const FINAL: ReadonlySet<RecipientState> = new Set([
  'delivered',
  'bounced',
  'rejected',
  'deleted',
  'redirected',
]);

/** The states that an act fits. */
export const FITTING: Readonly<Record<MessageAct, readonly RecipientState[]>> = {
  release: ['held', ...PARKED],
  retry: ['held', 'deferred'],
  reject: ['held', ...PARKED, 'deferred'],
  rejudge: ['held', ...PARKED],
};

/**
 * Judged again: with the rule set of now if that is asked for, from its first rule on; else with the one that a person
 * asked for last, or the pinned one, and what a rule had parked goes on with the rules after it. Only who asks for it now
 * gets a copy in clear.
 */
export const wakeRecipients = prepared<
  never,
  [organizationId: string, messageId: string, addresses: readonly string[], isUnprotected: boolean, isRejudged: boolean]
>(
  'act_wake',
  `UPDATE recipient r
      SET state = 'pending', code = NULL, is_unprotected = $4,
          resume_after_rule = CASE WHEN $5 THEN NULL ELSE coalesce(r.parked_by_rule, r.resume_after_rule) END,
          rejudge_with = CASE WHEN $5 THEN (SELECT o.current_rule_set FROM organization o WHERE o.id = $1)
                              ELSE r.rejudge_with END,
          parked_by_rule = NULL
    WHERE r.message_id = $2 AND r.address = ANY ($3::text[])`,
);

export const rejectRecipients = prepared<never, [messageId: string, addresses: readonly string[]]>(
  'act_reject',
  `UPDATE recipient SET state = 'rejected', code = NULL, parked_by_rule = NULL
    WHERE message_id = $1 AND address = ANY ($2::text[])`,
);

/** What is deferred is tried at once. */
export const emitNow = prepared<never, [organizationId: string, messageId: string]>(
  'act_emit_now',
  `INSERT INTO outbox AS o (organization_id, id, queue, due_at, hint_at)
   VALUES ($1, $2, 'emit', now(), now() + interval '2 seconds')
   ON CONFLICT (id, queue) DO UPDATE
     SET due_at = least(o.due_at, excluded.due_at), hint_at = least(o.hint_at, excluded.hint_at)`,
);

/** Those whose id is new are kept and due; gives their ids. */
export const askToTell = prepared<
  { id: string },
  [organizationId: string, messageId: string, ids: readonly string[], requests: readonly string[]]
>(
  'act_tell',
  `WITH told AS (
     INSERT INTO notification (organization_id, id, message_id, request)
     SELECT $1, g.id, $2, g.request::json FROM unnest($3::uuid[], $4::text[]) g (id, request)
     ON CONFLICT DO NOTHING
     RETURNING id
   ), due AS (
     INSERT INTO outbox (organization_id, id, queue, due_at, hint_at)
     SELECT $1, t.id, 'notify', now(), now() + interval '2 seconds' FROM told t
   )
   SELECT id FROM told`,
);
