import type { DeferredDelivery, QueueName } from '#lib/flow';
import { prepared } from '../statement.js';

/**
 * Nobody waits for a row that another worker is just taking or closing. Claims that ended without being given back are
 * taken over only where `mayTakeOver`: else the row is left, as if it were held.
 */
export const takeClaims = prepared<
  { id: string; claim: string; tries: number },
  [queue: QueueName, ids: readonly string[], mayTakeOver: boolean]
>(
  'claim',
  `UPDATE outbox SET locked_until = now() + interval '5 seconds', claim = gen_random_uuid(), tries = tries + 1
    WHERE queue = $1 AND id = ANY (ARRAY(
      SELECT id FROM outbox
       WHERE queue = $1 AND id = ANY ($2::uuid[]) AND due_at <= now()
         AND locked_until <= CASE WHEN $3 THEN now() ELSE '-infinity' END
       ORDER BY id FOR UPDATE SKIP LOCKED))
   RETURNING id, claim, tries`,
);

/**
 * A claim that was given back, or that somebody else has taken since, is not renewed; one that ended and that nobody took
 * is. Waits for nobody, so it is never part of a deadlock: a row that is just being closed needs no claim.
 */
export const renewClaims = prepared<{ claim: string }, [ids: readonly string[], claims: readonly string[]]>(
  'renew',
  `UPDATE outbox o SET locked_until = now() + interval '5 seconds'
     FROM (SELECT id, queue FROM outbox WHERE id = ANY ($1::uuid[]) AND claim = ANY ($2::uuid[])
              FOR UPDATE SKIP LOCKED) held
    WHERE o.id = held.id AND o.queue = held.queue
   RETURNING o.claim`,
);

export const releaseClaim = prepared<never, [queue: QueueName, id: string, claim: string, dueAt: Date]>(
  'release',
  `UPDATE outbox SET locked_until = '-infinity', claim = NULL, due_at = $4, hint_at = $4
    WHERE queue = $1 AND id = $2 AND claim = $3`,
);

export const loadDeferred = prepared<
  {
    id: string;
    blob: string;
    size_bytes: number;
    protection: DeferredDelivery['protection'];
    has_8bit: boolean;
    addresses: string[];
  },
  [id: string]
>(
  'deferred',
  `SELECT d.id, d.blob, d.size_bytes, d.protection, d.has_8bit, array_agg(r.address ORDER BY r.n) AS addresses
     FROM delivery d JOIN recipient r ON r.message_id = d.message_id AND r.delivery_id = d.id AND r.state = 'deferred'
    WHERE d.message_id = $1 AND d.blob IS NOT NULL
    GROUP BY d.message_id, d.id ORDER BY min(r.n)`,
);
