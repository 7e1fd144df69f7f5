import { createHash } from 'node:crypto';
import type { PostgresConnection } from 'bullmq';
import { Pool } from 'pg';
import type { Secret } from '#lib/core';
import { systemCodeOf } from '../errors.js';

type PgPool = PostgresConnection['pool'];
type PgPoolClient = Awaited<ReturnType<PgPool['connect']>>;

const CONNECT_TIMEOUT_MS = 3000;
const QUERY_TIMEOUT_MS = 10_000;
/** SQLSTATE of a server that is away or going: class 08, 57P01 to 57P05, 53300. */
const SERVER_AWAY = /^(?:08...|57P0[1-5]|53300)$/;
const SOCKET_GONE = /^(?:E[A-Z]+|UNKNOWN)$/;

/**
 * A pool as BullMQ wants it. BullMQ waits and tries again after `ECONNREFUSED` only, and takes every other error of a
 * server that goes away as an answer; so here all of them look like that one. Statements are prepared once.
 */
export class LastingPool implements PgPool {
  readonly #pool: Pool;
  readonly #names = new Map<string, string>();
  /** Read by BullMQ: a dropped connection is noticed, so a waiting worker need not look every ten seconds. */
  readonly options = { keepAlive: true };

  constructor(
    url: Secret,
    options: { readonly max: number; readonly applicationName: string; readonly onError: (error: Error) => void },
  ) {
    this.#pool = new Pool({
      connectionString: url.reveal(),
      max: options.max,
      application_name: options.applicationName,
      options: '-c search_path=bullmq',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
    });
    this.#pool.on('error', options.onError);
  }

  /** Rows are as the statement makes them; BullMQ says of which type. */
  async query(text: string, params?: readonly unknown[]): Promise<{ rows: never[]; rowCount: number | null }> {
    try {
      const { rows, rowCount } = await this.#pool.query({
        name: this.#nameOf(text),
        text,
        values: [...(params ?? [])],
      });
      return { rows: rows as never[], rowCount };
    } catch (error) {
      throw asRefused(error);
    }
  }

  async connect(): Promise<PgPoolClient> {
    try {
      return (await this.#pool.connect()) as unknown as PgPoolClient;
    } catch (error) {
      throw asRefused(error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  on(event: 'error' | 'connect', listener: ((error: Error) => void) | ((client: PgPoolClient) => void)): this {
    this.#pool.on(event as 'error', listener as (error: Error) => void);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.#pool.removeAllListeners(event);
    return this;
  }

  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `q${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** Errors without a SQLSTATE come from the connection, not from the statement. */
function asRefused(error: unknown): unknown {
  const code = systemCodeOf(error);
  if (!SERVER_AWAY.test(code) && !SOCKET_GONE.test(code)) return error;
  return Object.assign(new Error(`ECONNREFUSED (${code})`, { cause: error }), { code: 'ECONNREFUSED' });
}
