import type { QueueName, RecipientKeys } from '#lib/flow';
import type { Clock } from '#lib/core';
import type { DatabasePool } from './database-pool.js';
import { releaseKeyed } from './record/release-keyed.js';
import { addEvents, lockMessages } from './record/wake-statements.js';
import { prepared } from './statement.js';
import type { Housekeeping } from './stores.js';

type OfOrganization = { readonly organization_id: string; readonly id: string };

const NIL = '00000000-0000-0000-0000-000000000000';
const QUEUES = ['process', 'emit', 'notify'] as const satisfies readonly QueueName[];

const keyedAddresses = prepared<
  { organization_id: string; address: string },
  [afterOrganization: string, afterAddress: string, limit: number]
>('keyed_addresses', 'SELECT * FROM keyed_addresses($1, $2, $3)');
const finishedMessages = prepared<OfOrganization, [before: Date, limit: number]>(
  'finished_messages',
  'SELECT * FROM finished_messages($1, $2)',
);
/** Asked again under the lock: a message may have been woken since. */
const destroyKeys = prepared<{ id: string }, [ids: readonly string[], before: Date]>(
  'destroy_keys',
  `UPDATE message SET wrapped_key = NULL, sealed_trace = NULL, sealed_summary = NULL
    WHERE id = ANY ($1::uuid[]) AND closed_at < $2 AND wrapped_key IS NOT NULL RETURNING id`,
);
const forgetCopies = prepared<never, [ids: readonly string[]]>(
  'forget_copies',
  'UPDATE delivery SET blob = NULL WHERE message_id = ANY ($1::uuid[])',
);
const forgetEarlierTraces = prepared<never, [ids: readonly string[]]>(
  'forget_earlier_traces',
  'UPDATE earlier_judging SET sealed_trace = NULL WHERE message_id = ANY ($1::uuid[])',
);
const forgetReplies = prepared<never, [ids: readonly string[]]>(
  'forget_replies',
  `UPDATE notification SET request = without_replies(request)
    WHERE message_id = ANY ($1::uuid[]) AND request IS NOT NULL`,
);
const segmentsInUse = prepared<{ segment: string }, [segments: readonly string[]]>(
  'segments_in_use',
  'SELECT segment FROM segments_in_use($1) segment',
);
const forgetIdempotency = prepared<{ count: number }, [now: Date]>(
  'forget_idempotency',
  'SELECT forget_idempotency($1) AS count',
);
const forgetLists = prepared<{ count: number }, [before: Date]>(
  'forget_list_contents',
  'SELECT forget_list_contents($1) AS count',
);
const waiting = prepared<{ queue: QueueName; count: number; oldest_age_ms: number }, []>(
  'waiting_outbox',
  'SELECT * FROM waiting_outbox()',
);

const deferredAge = prepared<{ age_ms: number }, []>('deferred_age', 'SELECT deferred_age_ms() AS age_ms');

export class PostgresHousekeeping implements Housekeeping {
  /** Where the next pass over addresses goes on: those whose certificate is of no use do not keep others waiting. */
  #after = { organizationId: NIL, address: '' };

  constructor(
    private readonly pool: DatabasePool,
    private readonly keys: RecipientKeys,
    private readonly clock: Clock,
  ) {}

  async releaseKeyed(limit: number): Promise<readonly { readonly organizationId: string; readonly id: string }[]> {
    const { organizationId: afterOrganization, address: afterAddress } = this.#after;
    const candidates = await this.pool.look(keyedAddresses(afterOrganization, afterAddress, limit));
    const last = candidates.length < limit ? undefined : candidates.at(-1);
    this.#after = { organizationId: last?.organization_id ?? NIL, address: last?.address ?? '' };
    const released: { organizationId: string; id: string }[] = [];
    for (const [organizationId, rows] of Map.groupBy(candidates, (row) => row.organization_id)) {
      const addresses = rows.map(({ address }) => address);
      const usable = await this.keys.usable(organizationId, addresses, this.clock.now());
      const keyed = [...new Set(usable.map(({ address }) => address))];
      if (keyed.length === 0) continue;
      const ids = await this.pool.transaction(organizationId, (send) =>
        releaseKeyed(send, organizationId, keyed, limit),
      );
      released.push(...ids.map((id) => ({ organizationId, id })));
    }
    return released;
  }

  async destroyContent(before: Date, limit: number): Promise<number> {
    const finished = await this.pool.look(finishedMessages(before, limit));
    let count = 0;
    for (const [organizationId, rows] of Map.groupBy(finished, (row) => row.organization_id)) {
      count += await this.pool.transaction(organizationId, async (send) => {
        const locked = await send(lockMessages(rows.map(({ id }) => id)));
        const destroyed = await send(
          destroyKeys(
            locked.map(({ id }) => id),
            before,
          ),
        );
        const ids = destroyed.map(({ id }) => id);
        await Promise.all([
          send(forgetCopies(ids)),
          send(forgetEarlierTraces(ids)),
          send(forgetReplies(ids)),
          send(
            addEvents(
              organizationId,
              ids.map((messageId) => ({ messageId, type: 'contentDestroyed', detail: {} })),
            ),
          ),
        ]);
        return ids.length;
      });
    }
    return count;
  }

  async segmentsInUse(segments: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.pool.look(segmentsInUse(segments));
    return new Set(rows.map(({ segment }) => segment));
  }

  async forgetIdempotency(now: Date): Promise<number> {
    const [row] = await this.pool.look(forgetIdempotency(now));
    return row?.count ?? 0;
  }

  async forgetLists(before: Date): Promise<number> {
    const [row] = await this.pool.look(forgetLists(before));
    return row?.count ?? 0;
  }

  async waiting(): Promise<Readonly<Record<QueueName, { readonly count: number; readonly oldestAgeMs: number }>>> {
    const rows = await this.pool.look(waiting());
    const of = (queue: QueueName): { count: number; oldestAgeMs: number } => {
      const row = rows.find((one) => one.queue === queue);
      return { count: row?.count ?? 0, oldestAgeMs: row?.oldest_age_ms ?? 0 };
    };
    const [process, emit, notify] = QUEUES;
    return { process: of(process), emit: of(emit), notify: of(notify) };
  }

  async deferredAgeMs(): Promise<number> {
    const [row] = await this.pool.look(deferredAge());
    return row?.age_ms ?? 0;
  }
}
