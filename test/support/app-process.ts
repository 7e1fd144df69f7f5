import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileKms, migrate, openDatabase, type Database } from '#lib/adapters';
import { Secret } from '#lib/core';
import { createTestDatabase, type PostgresServer, type TestDatabase } from './postgres.js';
import { waitFor } from './wait-for.js';

const LOG_CHARS_MAX = 500_000;

/** A migrated database with one organization, its keys, and folders: what processes of ours stand on. */
export class Ground {
  private constructor(
    readonly database: Database,
    readonly kms: FileKms,
    readonly urls: TestDatabase,
    readonly folder: string,
    readonly apiKey: string,
    readonly organizationId: string,
  ) {}

  /** On a server of its own, or the shared one. */
  static async make({
    postgres,
    domains = ['clinic.example'],
  }: { readonly postgres?: PostgresServer; readonly domains?: readonly string[] } = {}): Promise<Ground> {
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-ground-'));
    const urls = await (postgres?.createDatabase() ?? createTestDatabase());
    await migrate({ ownerUrl: new Secret(urls.ownerUrl), applicationUrl: new Secret(urls.applicationUrl) });
    const kms = await FileKms.open(`file:${join(folder, 'keys')}`, { mayCreate: true });
    const database = openDatabase({
      databaseUrl: new Secret(urls.applicationUrl),
      poolMax: 3,
      openDataKey: (organizationId, wrapped) => kms.openDataKey(organizationId, wrapped),
    });
    const apiKey = randomBytes(24).toString('hex');
    await database.organizations.bootstrap({ domains, apiKey: new Secret(apiKey) });
    const organizationId = (await database.organizations.findByDomain(domains[0] ?? '')) ?? '';
    return new Ground(database, kms, urls, folder, apiKey, organizationId);
  }

  get environment(): Record<string, string> {
    return {
      SEALFLOW_DATABASE_URL: this.urls.applicationUrl,
      SEALFLOW_BLOB_URL: `file:${join(this.folder, 'blobs')}`,
      SEALFLOW_KMS_URL: `file:${join(this.folder, 'keys')}`,
      SEALFLOW_DATA_DIR: this.folder,
    };
  }

  async remove(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A process of ours, run from source. */
export class AppProcess {
  #log = '';
  #message: { readonly type: string; readonly port?: number } | undefined;

  private constructor(private readonly child: ChildProcess) {
    const keep = (piece: Buffer): void => {
      this.#log = `${this.#log}${piece.toString()}`.slice(-LOG_CHARS_MAX);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message) => (this.#message ??= message as { type: string }));
  }

  static spawn(app: 'smtp' | 'worker', environment: Readonly<Record<string, string>>): AppProcess {
    const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
    const { PATH } = process.env;
    return new AppProcess(
      fork(path(`apps/${app}/src/main.ts`), {
        execArgv: ['--import', new URL('./from-source.mjs', import.meta.url).href],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { PATH, SEALFLOW_SMTP_PORT: '0', ...environment },
      }),
    );
  }

  /** Resolves when it listens (`smtp`) or works (`worker`). */
  static async start(app: 'smtp' | 'worker', environment: Readonly<Record<string, string>>): Promise<AppProcess> {
    const started = AppProcess.spawn(app, environment);
    try {
      await started.says(app === 'smtp' ? '"msg":"is open"' : '"msg":"works"');
    } catch (error) {
      await started.end('SIGKILL');
      throw error;
    }
    return started;
  }

  /** Waits for a piece of its log. */
  async says(text: string, timeoutMs = 30_000): Promise<void> {
    await waitFor(`the log to say ${text}`, () => this.#log.includes(text) || this.child.exitCode !== null, {
      timeoutMs,
    });
    if (!this.#log.includes(text)) throw new Error(`it ended:\n${this.#log.slice(-3_000)}`);
  }

  get port(): number {
    return this.#message?.port ?? 0;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Closes the channel: what a supervisor does that is gone. */
  disconnect(): void {
    this.child.disconnect();
  }

  /** Resolves with the exit code when it has ended; `null` if by a signal. */
  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return await this.exited();
  }
}
