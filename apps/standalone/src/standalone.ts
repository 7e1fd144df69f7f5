import { availableParallelism } from 'node:os';
import { migrate } from '#lib/adapters';
import { Secret } from '#lib/core';
import type { StandaloneConfig } from './config.js';
import { DataFolder } from './data/data-folder.js';
import { EmbeddedServer } from './embedded/embedded-server.js';
import { Failure } from './failure.js';
import { FirstKey } from './first-key.js';
import type { Progress } from './progress.js';
import type { Runnable } from './run-until-asked.js';
import { claimPort } from './supervise/listen-ports.js';
import { LogFile } from './supervise/log-file.js';
import { accepts, askReadiness, greets, httpUrl, reachableHost, type Readiness } from './supervise/readiness.js';
import { Supervisor } from './supervise/supervisor.js';
import { waitUntil } from './wait-until.js';
import { welcome } from './welcome.js';

const READY_TIMEOUT_MS = 120_000;
const READY_INTERVAL_MS = 250;
/** What standalone itself is answerable for; the relay is somebody else's. */
const OURS = ['database', 'queue', 'smtp', 'worker'];

/** The whole product on one machine: the embedded server and the built mains of the other apps as child processes. */
export class Standalone implements Runnable {
  readonly #urls: { readonly http: string; readonly smtpHost: string };
  #supervisor: Supervisor | undefined;
  #server: EmbeddedServer | undefined;
  #preparing = Promise.resolve();
  #stop: Promise<void> | undefined;
  #fail: (error: Error) => void = () => undefined;
  /** Rejects when something ends for good that must not. */
  readonly ended = new Promise<never>((_, reject) => (this.#fail = reject));

  private constructor(
    private readonly config: StandaloneConfig,
    private readonly folder: DataFolder,
    private readonly ports: { readonly http: number; readonly smtp: number },
    private readonly progress: Progress,
    private readonly isQuiet: boolean,
  ) {
    const host = reachableHost(config.listen.host);
    this.#urls = { http: httpUrl(host, ports.http), smtpHost: host };
    this.ended.catch(() => undefined);
  }

  /** Takes folder and ports. `isQuiet`: without links and the like at the end. Throws `Failure` and what else stands in the way; nothing runs then. */
  static async open(config: StandaloneConfig, progress: Progress, { isQuiet = false } = {}): Promise<Standalone> {
    const folder = await DataFolder.take(config.data.dataDir, (what) => progress.step(what));
    try {
      const { host, httpPort, smtpPort } = config.listen;
      const http = await claimPort(host, httpPort, 'SEALFLOW_HTTP_PORT');
      const smtp = await claimPort(host, smtpPort, 'SEALFLOW_SMTP_PORT');
      return new Standalone(config, folder, { http, smtp }, progress, isQuiet);
    } catch (error) {
      await folder.leave();
      throw error;
    }
  }

  /** Starts everything; resolves when mail can walk the whole line. */
  async start(): Promise<void> {
    const { config, folder, progress, isQuiet } = this;
    await folder.makeFolder('log');
    const hasMadeKeys = config.hasOwnKeys && (await folder.makeFolder('keys'));
    if (hasMadeKeys && !isQuiet) {
      progress.step(`made the folder of keys ${folder.file('keys')}`);
      progress.line('          Back it up, apart from the rest: without it no stored message can be read, by nobody.');
    }
    await folder.makeFolder('blobs');
    await folder.makeFolder('tmp');
    const preparing = this.#prepareDatabase();
    this.#preparing = preparing.then(
      () => undefined,
      () => undefined,
    );
    const databaseUrl = await preparing;
    const firstKey = await FirstKey.prepare(folder, config.organization.bootstrapApiKey !== undefined);
    if (this.#stop !== undefined) throw new Failure('It was ended before it was ready.');
    this.#supervisor = new Supervisor({
      folder,
      progress,
      workers: config.worker.workerProcesses ?? Math.max(1, Math.floor(availableParallelism() / 2)),
      environment: () => this.#environment(databaseUrl(), firstKey),
      onFailure: (error) => this.#fail(error),
    });
    this.#supervisor.start();
    const readiness = await Promise.race([this.#ready(), this.ended]);
    this.#supervisor.settle();
    const newKey =
      firstKey.text !== undefined && (await accepts(this.#urls.http, firstKey.text)) ? firstKey.text : undefined;
    progress.step('ready');
    if (!isQuiet) {
      progress.line(
        welcome({
          url: this.#publicUrl,
          smtp: `${this.#urls.smtpHost}:${this.ports.smtp}`,
          dataDir: config.data.dataDir,
          hasRelay: readiness.checks['relay']?.ok === true,
          hasDomains: config.organization.orgDomains.length > 0,
          firstKey: newKey,
        }),
      );
    }
    await firstKey.hasBeenShown();
  }

  /** Ends the child processes in order, then the server, then gives the folder back. Safe to call again. */
  stop(): Promise<void> {
    this.#stop ??= this.#end();
    return this.#stop;
  }

  /** Does not wait for anything any more. */
  async stopByForce(): Promise<void> {
    await this.#supervisor?.stopByForce();
  }

  async #end(): Promise<void> {
    await this.folder.announceEnd();
    await this.#preparing;
    await this.#supervisor?.stop();
    if (this.#server !== undefined) {
      await this.#server.stop();
      this.progress.step('PostgreSQL has ended');
    }
    await this.folder.leave();
  }

  /** Embedded or given, started and migrated; what it resolves to tells the URL of now. */
  async #prepareDatabase(): Promise<() => string> {
    const { config, progress } = this;
    const given = config.databaseUrl;
    if (given === undefined) {
      const server = await EmbeddedServer.open(
        this.folder,
        new LogFile(this.folder.file('log', 'postgres.log')),
        (what) => progress.step(what),
      );
      this.#server = server;
      await server.start((what) => progress.step(what));
      server.on('ended', () => void this.#startServerAgain(server));
      await this.#migrate(new Secret(server.urls.owner), new Secret(server.urls.application));
      progress.step('PostgreSQL runs');
      return () => server.urls.application;
    }
    if (config.databaseOwnerUrl === undefined) progress.step('database given; `npm run migrate` keeps it up to date');
    else await this.#migrate(config.databaseOwnerUrl, given);
    return () => given.reveal();
  }

  async #migrate(ownerUrl: Secret, applicationUrl: Secret): Promise<void> {
    const done: string[] = [];
    await migrate({ ownerUrl, applicationUrl, onProgress: (fileName) => done.push(fileName) });
    if (done.length > 0) this.progress.step(`brought the database up to date (${done.length} migrations)`);
  }

  async #startServerAgain(server: EmbeddedServer): Promise<void> {
    if (this.#stop !== undefined) return;
    this.progress.step('PostgreSQL has ended; it is started again');
    const before = server.urls.application;
    try {
      await server.start((what) => this.progress.step(what));
      this.progress.step('PostgreSQL runs again');
      if (server.urls.application !== before) await this.#supervisor?.restart();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Failure(String(error)));
    }
  }

  #environment(databaseUrl: string, firstKey: FirstKey): Record<string, string | undefined> {
    const { config, ports } = this;
    return {
      ...config.environment,
      NODE_ENV: config.environment['NODE_ENV'] ?? 'production',
      // Two of us on one machine, perhaps as two users, must not meet in the system's folder.
      TMPDIR: this.folder.file('tmp'),
      SEALFLOW_DATABASE_URL: databaseUrl,
      SEALFLOW_DATABASE_URL_FILE: undefined,
      // Only migrating needs the owner.
      SEALFLOW_DATABASE_OWNER_URL: undefined,
      SEALFLOW_DATABASE_OWNER_URL_FILE: undefined,
      SEALFLOW_HTTP_PORT: `${ports.http}`,
      SEALFLOW_HTTP_PORT_FILE: undefined,
      SEALFLOW_SMTP_PORT: `${ports.smtp}`,
      SEALFLOW_SMTP_PORT_FILE: undefined,
      // We start them all; none of them is to start more.
      SEALFLOW_WORKER_PROCESSES: '1',
      SEALFLOW_WORKER_PROCESSES_FILE: undefined,
      ...(config.hasPublicUrl ? {} : { SEALFLOW_PUBLIC_URL: this.#publicUrl }),
      ...(firstKey.text === undefined ? {} : { SEALFLOW_BOOTSTRAP_API_KEY: firstKey.text }),
    };
  }

  get #publicUrl(): string {
    return this.config.hasPublicUrl ? this.config.public.publicUrl : `http://localhost:${this.ports.http}`;
  }

  async #ready(): Promise<Readiness> {
    let last: Readiness | undefined;
    const isReady = await waitUntil(
      async () => {
        last = await askReadiness(this.#urls.http);
        const isWell = OURS.every((name) => last?.checks[name]?.ok === true);
        return isWell && (await greets(this.#urls.smtpHost, this.ports.smtp));
      },
      READY_TIMEOUT_MS,
      READY_INTERVAL_MS,
    );
    if (isReady && last !== undefined) return last;
    const bad = Object.entries(last?.checks ?? {}).filter(([, check]) => !check.ok);
    const why = bad.map(([name, { detail }]) => `${name}: ${detail}`).join('; ');
    throw new Failure(
      `Sealflow was not ready after ${READY_TIMEOUT_MS / 1000} s (${why === '' ? 'the API does not answer' : why}); ${this.folder.file('log')} says more.`,
    );
  }
}
