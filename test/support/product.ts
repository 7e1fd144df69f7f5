import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#lib/adapters';
import { Secret } from '#lib/core';
import { freePort } from './free-port.js';
import { PostgresServer } from './postgres.js';
import { RedisServer } from './redis.js';
import { waitFor } from './wait-for.js';

export type AppName = 'api' | 'smtp' | 'worker';

export interface ProductOptions {
  /** Where the queues are; Debian's `redis-server` is needed for `redis`. */
  readonly queue?: 'redis' | 'postgres';
  /** `SEALFLOW_RELAY_URL`; without it mail waits. */
  readonly relayUrl?: string;
  /** PostgreSQL and Redis write through to the disk, as in production; tests go without. */
  readonly isDurable?: boolean;
  readonly orgDomains?: string;
  /** More settings. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of these apps nothing is started. */
  readonly without?: readonly AppName[];
}

const LOG_CHARS_MAX = 200_000;

/** The built product as in production: one process each, on a PostgreSQL and a Redis of its own. Build it before. */
export class Product {
  readonly #processes = new Map<AppName, ChildProcess>();
  readonly #logs = new Map<AppName, string>();

  private constructor(
    readonly httpPort: number,
    readonly smtpPort: number,
    readonly apiKey: string,
    readonly folder: string,
    readonly postgres: PostgresServer,
    readonly redis: RedisServer | undefined,
    readonly superuserUrl: string,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  /** Resolves when `/readyz` is 200, or with a part left out as soon as the others run. */
  static async start(options: ProductOptions = {}): Promise<Product> {
    const { isDurable = false, without = [] } = options;
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-product-'));
    const postgres = await PostgresServer.start({ isDurable });
    const redis =
      options.queue === 'redis' ? await RedisServer.start({ isDurable: true, fsync: 'everysec' }) : undefined;
    const database = await postgres.createDatabase();
    await migrate({ ownerUrl: new Secret(database.ownerUrl), applicationUrl: new Secret(database.applicationUrl) });
    const [httpPort, smtpPort, apiKey] = [await freePort(), await freePort(), randomBytes(24).toString('hex')];
    for (const name of ['blobs', 'keys']) await mkdir(join(folder, name));
    const product = new Product(httpPort, smtpPort, apiKey, folder, postgres, redis, database.superuserUrl, {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      UV_THREADPOOL_SIZE: '16',
      SEALFLOW_DATABASE_URL: database.applicationUrl,
      ...(redis === undefined ? {} : { SEALFLOW_REDIS_URL: redis.url }),
      SEALFLOW_BLOB_URL: `file:${join(folder, 'blobs')}`,
      SEALFLOW_KMS_URL: `file:${join(folder, 'keys')}`,
      SEALFLOW_DATA_DIR: folder,
      ...(options.relayUrl === undefined ? {} : { SEALFLOW_RELAY_URL: options.relayUrl }),
      SEALFLOW_HTTP_PORT: `${httpPort}`,
      SEALFLOW_SMTP_PORT: `${smtpPort}`,
      SEALFLOW_BOOTSTRAP_API_KEY: apiKey,
      SEALFLOW_ORG_DOMAINS: options.orgDomains ?? 'clinic.example',
      ...options.environment,
    });
    try {
      for (const app of ['api', 'smtp', 'worker'] as const) if (!without.includes(app)) product.run(app);
      const isWhole = without.length === 0 && options.relayUrl !== undefined;
      await product.ready(isWhole ? 'whole' : 'api');
    } catch (error) {
      const logs = [...product.#logs].map(([app, log]) => `--- ${app}\n${log.slice(-3000)}`).join('\n');
      await product.stop();
      throw new Error(`the product did not start\n${logs}`, { cause: error });
    }
    return product;
  }

  /** Starts a process of an app (again). */
  run(app: AppName): void {
    const child = spawn(process.execPath, [`dist/apps/${app}/src/main.js`], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#processes.set(app, child);
    const keep = (piece: Buffer): void => {
      this.#logs.set(app, `${this.#logs.get(app) ?? ''}${piece.toString()}`.slice(-LOG_CHARS_MAX));
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  }

  /** Waits for `/readyz` to be 200; `api`: for the API to work, whatever else there is. */
  async ready(what: 'whole' | 'api' = 'whole', timeoutMs = 60_000): Promise<void> {
    const path = what === 'whole' ? '/readyz' : '/v1/rules';
    await waitFor(`${path} to answer 200`, async () => (await this.fetch(path)).ok, { timeoutMs, intervalMs: 100 });
  }

  pidOf(app: AppName): number {
    return this.#processes.get(app)?.pid ?? 0;
  }

  /** What an app has written to its log. */
  logOf(app: AppName): string {
    return this.#logs.get(app) ?? '';
  }

  /** Sends a signal and waits until the process has ended. */
  async end(app: AppName, signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; seconds: number }> {
    const child = this.#processes.get(app);
    if (child === undefined) throw new Error(`${app} does not run`);
    const start = performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    this.#processes.delete(app);
    return { code: child.exitCode, seconds: (performance.now() - start) / 1000 };
  }

  /** A request with the first key. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.apiKey}`, ...(init.headers as Record<string, string> | undefined) };
    return await fetch(`http://127.0.0.1:${this.httpPort}${path}`, { ...init, headers });
  }

  /** GET, or POST of JSON; the answer as JSON. Throws what is not 2xx. */
  async json<T = Record<string, unknown>>(
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const init = body === undefined ? { headers } : jsonBody(body, headers);
    const response = await this.fetch(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((app) => this.end(app)));
    await this.redis?.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function jsonBody(body: unknown, headers: Record<string, string>): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
