import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { migrate } from '#lib/adapters';
import { Secret } from '#lib/core';
import { freePort } from '../../test/support/free-port.js';
import { PostgresServer } from '../../test/support/postgres.js';
import { RedisServer } from '../../test/support/redis.js';
import { waitFor } from '../../test/support/wait-for.js';

/** The built product in its production shape: one door, one worker, PostgreSQL with fsync, Redis or no Redis. */
export class Sealflow {
  private constructor(
    readonly smtpPort: number,
    private readonly apiUrl: string,
    private readonly apiKey: string,
    private readonly folder: string,
    private readonly processes: Readonly<Record<'api' | 'smtp' | 'worker', ChildProcess>>,
    private readonly postgres: PostgresServer,
    private readonly redis: RedisServer | undefined,
  ) {}

  static async start(options: { readonly relayPort: number; readonly queue: 'redis' | 'postgres' }): Promise<Sealflow> {
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-bench-'));
    const postgres = await PostgresServer.start({ isDurable: true });
    const redis =
      options.queue === 'redis' ? await RedisServer.start({ isDurable: true, fsync: 'everysec' }) : undefined;
    const database = await postgres.createDatabase();
    await migrate({ ownerUrl: new Secret(database.ownerUrl), applicationUrl: new Secret(database.applicationUrl) });
    const [httpPort, smtpPort, apiKey] = [await freePort(), await freePort(), randomBytes(24).toString('hex')];
    for (const name of ['blobs', 'keys']) mkdirSync(join(folder, name));
    const environment = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      UV_THREADPOOL_SIZE: '16',
      SEALFLOW_DATABASE_URL: database.applicationUrl,
      ...(redis === undefined ? {} : { SEALFLOW_REDIS_URL: redis.url }),
      SEALFLOW_BLOB_URL: `file:${join(folder, 'blobs')}`,
      SEALFLOW_KMS_URL: `file:${join(folder, 'keys')}`,
      SEALFLOW_DATA_DIR: folder,
      SEALFLOW_RELAY_URL: `smtp://127.0.0.1:${options.relayPort}?tls=none`,
      SEALFLOW_HTTP_PORT: `${httpPort}`,
      SEALFLOW_SMTP_PORT: `${smtpPort}`,
      SEALFLOW_BOOTSTRAP_API_KEY: apiKey,
      SEALFLOW_ORG_DOMAINS: 'clinic.example',
    };
    const start = (app: string): ChildProcess =>
      spawn(process.execPath, [`dist/apps/${app}/src/main.js`], {
        env: environment,
        stdio: ['ignore', 'ignore', process.env['BENCH_LOGS'] === undefined ? 'ignore' : 'inherit'],
      });
    const processes = { api: start('api'), smtp: start('smtp'), worker: start('worker') };
    const product = new Sealflow(smtpPort, `http://127.0.0.1:${httpPort}`, apiKey, folder, processes, postgres, redis);
    await waitFor('the product to be ready', async () => (await fetch(`${product.apiUrl}/readyz`)).ok, {
      timeoutMs: 60_000,
      intervalMs: 100,
    });
    return product;
  }

  /** Everything whose work the product's mail costs. */
  get pids(): readonly number[] {
    const { api, smtp, worker } = this.processes;
    return [api.pid, smtp.pid, worker.pid, this.postgres.pid, this.redis?.pid].filter((pid) => pid !== undefined);
  }

  get workerPid(): number {
    return this.processes.worker.pid ?? 0;
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as unknown;
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async stop(): Promise<void> {
    for (const child of Object.values(this.processes)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.redis?.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
