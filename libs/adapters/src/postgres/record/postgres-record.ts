import type {
  Accepted,
  AcceptInput,
  AcceptOutcome,
  Claim,
  ClaimedNotify,
  CloseInput,
  DeferredDelivery,
  MessageRecord,
  QueueName,
} from '#lib/flow';
import { AdapterError } from '../../errors.js';
import type { DatabasePool } from '../database-pool.js';
import { GroupCommit } from '../group-commit.js';
import { prepared } from '../statement.js';
import { acceptBatch } from './accept-batch.js';
import { claimBatch, claimNotifyBatch } from './claim-batch.js';
import { loadDeferred, releaseClaim, renewClaims } from './claim-statements.js';
import { closeBatch, type CloseOutcome } from './close-batch.js';
import { closeLate } from './close-late.js';

type ClaimOf = Pick<Claim, 'id' | 'claim'>;

/** The queue was told of a row and nothing came of it: it is told again after as long as the row has waited, within these. */
const HINT_AGAIN_MIN = '10 seconds';
const HINT_AGAIN_MAX = '60 seconds';

const sweepOutbox = prepared<
  { organization_id: string; id: string; queue: QueueName },
  [limit: number, againMin: string, againMax: string]
>('sweep', `SELECT organization_id, id, queue FROM sweep_outbox($1, $2, $3)`);

/** The record in PostgreSQL. Calls of one kind that meet are one transaction and one round trip for each organization. */
export class PostgresRecord implements MessageRecord {
  readonly #pool: DatabasePool;
  readonly #accepts: GroupCommit<AcceptInput, AcceptOutcome>;
  readonly #closes: GroupCommit<CloseInput, CloseOutcome>;
  readonly #claims: Readonly<Record<'process' | 'emit', GroupCommit<readonly string[], Accepted[]>>>;
  readonly #notifyClaims: GroupCommit<readonly string[], ClaimedNotify[]>;
  readonly #renewals: GroupCommit<readonly ClaimOf[], string[]>;

  constructor(pool: DatabasePool, { postmaster }: { readonly postmaster?: string | undefined }) {
    this.#pool = pool;
    this.#accepts = new GroupCommit({
      write: (organizationId, inputs) => acceptBatch(pool, organizationId, inputs),
      rowsOf: ({ envelope }) => 3 + envelope.rcptTo.length,
    });
    this.#closes = new GroupCommit({
      write: (organizationId, inputs) => closeBatch(pool, organizationId, inputs),
      keyOf: ({ id }) => id,
      rowsOf: ({ recipients, events, sealedTrace }) =>
        3 + recipients.length + events.length + Math.ceil((sealedTrace?.length ?? 0) / 1_000),
    });
    const claimsOf = (queue: 'process' | 'emit'): GroupCommit<readonly string[], Accepted[]> =>
      new GroupCommit({
        write: (organizationId, calls) => claimBatch(pool, queue, organizationId, calls),
        rowsOf: (ids) => ids.length,
      });
    this.#claims = { process: claimsOf('process'), emit: claimsOf('emit') };
    this.#notifyClaims = new GroupCommit({
      write: (organizationId, calls) => claimNotifyBatch(pool, organizationId, calls, postmaster),
      rowsOf: (ids) => ids.length,
    });
    this.#renewals = new GroupCommit({
      write: async (organizationId, calls) => {
        const given = calls.flat();
        const renewed = await pool.one(
          organizationId,
          renewClaims(
            given.map(({ id }) => id),
            given.map(({ claim }) => claim),
          ),
        );
        const isHeld = new Set(renewed.map(({ claim }) => claim));
        return calls.map((call) => call.flatMap(({ claim }) => (isHeld.has(claim) ? [claim] : [])));
      },
    });
  }

  accept(input: AcceptInput): Promise<AcceptOutcome> {
    return this.#accepts.run(input.organizationId, input);
  }

  claim(queue: 'process' | 'emit', organizationId: string, ids: readonly string[]): Promise<readonly Accepted[]> {
    return this.#claims[queue].run(organizationId, ids);
  }

  claimNotify(organizationId: string, ids: readonly string[]): Promise<readonly ClaimedNotify[]> {
    return this.#notifyClaims.run(organizationId, ids);
  }

  renew(organizationId: string, claims: readonly ClaimOf[]): Promise<readonly string[]> {
    return this.#renewals.run(organizationId, claims);
  }

  async release({ queue, organizationId, id, claim }: Claim, dueAt: Date): Promise<void> {
    await this.#pool.one(organizationId, releaseClaim(queue, id, claim, dueAt));
  }

  async close(input: CloseInput): Promise<void> {
    const outcome = await this.#closes.run(input.organizationId, input);
    if (outcome === 'missing') throw new AdapterError('ERR_RECORD_MISSING');
    if (outcome === 'lost') await closeLate(this.#pool, input);
  }

  async deferred(organizationId: string, id: string): Promise<readonly DeferredDelivery[]> {
    const rows = await this.#pool.one(organizationId, loadDeferred(id));
    return rows.map(({ size_bytes: sizeBytes, has_8bit: has8bit, ...row }) => ({ ...row, sizeBytes, has8bit }));
  }

  async sweep(
    limit: number,
  ): Promise<readonly { readonly organizationId: string; readonly id: string; readonly queue: QueueName }[]> {
    const rows = await this.#pool.look(sweepOutbox(limit, HINT_AGAIN_MIN, HINT_AGAIN_MAX));
    return rows.map(({ organization_id: organizationId, id, queue }) => ({ organizationId, id, queue }));
  }
}
