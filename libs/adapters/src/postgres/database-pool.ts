import { Pool, types, type ClientBase, type PoolClient, type PoolConfig, type QueryResult } from 'pg';
import type { Secret } from '#lib/core';
import { AdapterError } from '../errors.js';
import { withDeadline } from '../queue/with-deadline.js';
import { asDatabaseError, isConnectionBroken } from './database-error.js';
import { prepared, type Statement } from './statement.js';

const CONNECTIONS_MAX = 10;
/** More than this many callers waiting for a connection, and the next is told so at once. */
const WAITING_MAX = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** When the server hangs and does not keep its own timeout. */
const ANSWER_TIMEOUT_MS = 20_000;
const PING_TIMEOUT_MS = 2_000;
/** As long as a claim lasts: until then whoever had it has renewed it, or is gone. */
const STEADY_MS = 5_000;
const UNSTEADY: ReadonlySet<string> = new Set(['ERR_DATABASE_AWAY', 'ERR_DATABASE_FULL']);

/** The type's number in PostgreSQL. */
const INT8 = 20;
const BEGIN = { name: 'begin', text: 'BEGIN' };
const COMMIT = { name: 'commit', text: 'COMMIT' };
const actFor = prepared<never, [organizationId: string]>(
  'act_for',
  `SELECT set_config('sealflow.organization', $1, true)`,
);
/**
 * Each connection, once: where our tables are, and whether row-level security holds for this role. Hot statements are
 * planned while their tables are still empty, when reading a whole table looks cheap, and the plan is kept: so that is
 * put last.
 */
const GREETING = `
  SELECT set_config('search_path', 'sealflow', false), set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', false),
         set_config('lock_timeout', '10000', false), set_config('idle_in_transaction_session_timeout', '15000', false),
         set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false),
         r.rolsuper OR r.rolbypassrls OR EXISTS (
           SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace('sealflow') AND pg_has_role(c.relowner, 'MEMBER')
         ) AS sees_all
    FROM pg_roles r WHERE r.rolname = current_user`;

export interface DatabasePoolOptions {
  readonly databaseUrl: Secret;
  readonly poolMax?: number;
  readonly applicationName?: string;
  /** A connection that broke while nobody used it. */
  readonly onError?: (error: unknown) => void;
}

type RowsOf<Statements extends readonly (Statement | undefined)[]> = {
  [Index in keyof Statements]: Statements[Index] extends Statement<infer Row> | undefined ? Row[] : never;
};

/** Sends one statement of a transaction. */
export type Send = <Row>(statement: Statement<Row>) => Promise<Row[]>;

/**
 * Connections as the application role. All that touches rows runs in a transaction that acts for one organization; the
 * look-ups before it is known are functions. Errors are those of `asDatabaseError`.
 */
export class DatabasePool {
  readonly #pool: Pool;
  #unsteadyUntilMs = 0;

  constructor({ databaseUrl, poolMax, applicationName, onError }: DatabasePoolOptions) {
    const config: PoolConfig = {
      connectionString: databaseUrl.reveal(),
      max: poolMax ?? CONNECTIONS_MAX,
      application_name: applicationName ?? 'sealflow',
      pipeline: true,
      types: { getTypeParser: parserOf },
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      verify: (client, done) => void greet(client).then(() => done(), done),
    };
    this.#pool = new Pool(config);
    this.#pool.on('error', (error) => onError?.(asDatabaseError(error)));
  }

  /**
   * Whether the database was there, and had room, for the last five seconds. Until then claims that ended may be those of
   * workers that could not renew them either.
   */
  get isSteady(): boolean {
    return performance.now() >= this.#unsteadyUntilMs;
  }

  /** One transaction for one organization in one round trip: nothing waits for an answer. Rows statement by statement. */
  async batch<const Statements extends readonly (Statement | undefined)[]>(
    organizationId: string,
    statements: Statements,
  ): Promise<RowsOf<Statements>> {
    const given = statements.filter((one) => one !== undefined);
    const all = [BEGIN, actFor(organizationId), ...given, COMMIT];
    const results = await this.#use(async (client) => {
      const settled = await Promise.allSettled(all.map((one) => query(client, one)));
      return settled.map((one) => {
        if (one.status === 'rejected') throw one.reason;
        return one.value;
      });
    });
    const rows = results.slice(2, -1).map((result) => result.rows as unknown[]);
    return statements.map((one) => (one === undefined ? [] : rows.shift())) as RowsOf<Statements>;
  }

  /** One statement for one organization. */
  async one<Row>(organizationId: string, statement: Statement<Row>): Promise<Row[]> {
    const [rows] = await this.batch(organizationId, [statement]);
    return rows;
  }

  /** A transaction whose later statements depend on the rows of earlier ones. An error of `work` rolls it back. */
  async transaction<T>(organizationId: string, work: (send: Send) => Promise<T>): Promise<T> {
    return await this.#use(async (client) => {
      const begun = Promise.all([query(client, BEGIN), query(client, actFor(organizationId))]);
      begun.catch(() => undefined);
      try {
        const result = await work(async (statement) => (await query(client, statement)).rows as never[]);
        await begun;
        const { command } = await query(client, COMMIT);
        if (command !== 'COMMIT') throw new AdapterError('ERR_DATABASE_FAILED', { detail: { reason: 'rolled back' } });
        return result;
      } catch (error) {
        if (!isConnectionBroken(error)) await query(client, { text: 'ROLLBACK' });
        throw error;
      }
    });
  }

  /** A call of one of the functions that need no organization. */
  async look<Row>(statement: Statement<Row>): Promise<Row[]> {
    return await this.#use(async (client) => (await query(client, statement)).rows as Row[]);
  }

  /** Resolves if the database answers within two seconds and is migrated. */
  async ping(): Promise<void> {
    const answer = this.look({ text: 'SELECT max(version) FROM migration', values: [] });
    await withDeadline(answer, PING_TIMEOUT_MS).catch((error: unknown) => {
      throw asDatabaseError(error);
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#pool.waitingCount >= WAITING_MAX) throw new AdapterError('ERR_DATABASE_BUSY');
    let client: PoolClient | undefined;
    let failure: unknown;
    try {
      client = await this.#pool.connect();
      return await work(client);
    } catch (error) {
      failure = error;
      const said = asDatabaseError(error);
      if (UNSTEADY.has(said.code)) this.#unsteadyUntilMs = performance.now() + STEADY_MS;
      throw said;
    } finally {
      client?.release(failure !== undefined && isConnectionBroken(failure));
    }
  }
}

async function query(
  client: ClientBase,
  { name, text, values }: Partial<Statement> & { text: string },
): Promise<QueryResult> {
  try {
    return await client.query({ ...(name === undefined ? {} : { name }), text, values: [...(values ?? [])] });
  } catch (error) {
    if (name === undefined || isConnectionBroken(error)) throw error;
    throw asDatabaseError(error, name);
  }
}

/** Runs on each new connection. While one is in use nobody else listens to its errors: they come with the statements. */
async function greet(client: ClientBase): Promise<void> {
  client.on('error', () => undefined);
  const { rows } = await client.query<{ sees_all: boolean }>(GREETING);
  if (rows[0]?.sees_all !== false) throw new AdapterError('ERR_DATABASE_ROLE', { detail: { reason: 'sees all rows' } });
}

/** 64-bit integers of ours are sizes and counts. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string | Buffer) => unknown {
  if (oid === INT8) return Number;
  return (types.getTypeParser as (oid: number, format?: string) => (value: string | Buffer) => unknown)(oid, format);
}
