import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BullQueue,
  FileKms,
  makeLogger,
  migrate,
  openDatabase,
  providers,
  SegmentBlobStore,
  ThreadJudge,
  type Database,
} from '#lib/adapters';
import { Secret, systemClock } from '#lib/core';
import { Enqueuer } from '#lib/flow';
import { readApiConfig } from '../../apps/api/src/config.js';
import { createApp } from '../../apps/api/src/create-app.js';
import { ApiLog } from '../../apps/api/src/http/api-log.js';
import { Platform, type PlatformParts } from '../../apps/api/src/platform.js';
import { checkDeclared } from './declared-answers.js';
import { FROM_SOURCE } from './from-source-flags.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

/** The application of Nest, which the tests only close. */
type App = Awaited<ReturnType<typeof createApp>>;

export interface ApiServerOptions {
  /** More settings. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of what stands behind the API. */
  readonly parts?: Partial<PlatformParts>;
  /** The database is there, and nobody has opened the keys. */
  readonly isClosed?: boolean;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: T;
}

type Body = NonNullable<RequestInit['body']>;

/** The API in this process, on a database, blobs, keys and queues of its own. */
export class ApiServer {
  private constructor(
    readonly app: App,
    readonly platform: Platform,
    readonly database: Database,
    readonly testDatabase: TestDatabase,
    readonly queue: BullQueue,
    readonly kms: FileKms,
    readonly organizationId: string,
    readonly apiKey: string,
    readonly url: string,
    readonly logged: readonly string[],
    private readonly ends: readonly (() => Promise<void>)[],
  ) {}

  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const testDatabase = await createTestDatabase();
    const ownerUrl = new Secret(testDatabase.ownerUrl);
    const databaseUrl = new Secret(testDatabase.applicationUrl);
    await migrate({ ownerUrl, applicationUrl: databaseUrl });
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-api-'));
    const apiKey = randomBytes(24).toString('hex');
    const config = readApiConfig({
      SEALFLOW_DATABASE_URL: testDatabase.applicationUrl,
      SEALFLOW_BLOB_URL: `file:${join(folder, 'blobs')}`,
      SEALFLOW_KMS_URL: `file:${join(folder, 'keys')}`,
      ...options.environment,
    });
    const kms = await FileKms.open(config.storage.kmsUrl, { mayCreate: true });
    const database = openDatabase({
      databaseUrl,
      openDataKey: (organization, wrapped) => kms.openDataKey(organization, wrapped),
    });
    await database.organizations.bootstrap({ domains: ['clinic.example'], apiKey: new Secret(apiKey) });
    const blobs = await SegmentBlobStore.open(config.storage.blobUrl);
    const queue = new BullQueue({ databaseUrl, redisUrl: config.queue.redisUrl });
    const judge = new ThreadJudge({ threads: 1, blobUrl: config.storage.blobUrl, execArgv: FROM_SOURCE });
    const logged: string[] = [];
    const log = new ApiLog(
      makeLogger('api', { level: 'debug', destination: { write: (line) => void logged.push(line) } }),
    );
    const enqueue = new Enqueuer(queue, { onError: (error) => log.trouble('enqueue', error) });
    const platform = new Platform({
      config,
      stores: database,
      blobs,
      queues: queue,
      enqueue,
      judge,
      providers,
      trustAnchors: [],
      clock: systemClock,
      random: randomBytes,
      log,
      ...options.parts,
    });
    if (options.isClosed !== true) platform.open(kms);
    const app = await createApp(platform);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const organizationId = (await database.organizations.findByDomain('clinic.example')) ?? '';
    const end = async (): Promise<void> => {
      await enqueue.idle();
      await Promise.all([queue.close(), judge.close()]);
      await blobs.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    };
    const url = `http://127.0.0.1:${port}`;
    return new ApiServer(app, platform, database, testDatabase, queue, kms, organizationId, apiKey, url, logged, [end]);
  }

  /**
   * A request with the first key unless `headers` say otherwise; the answer with its body read. Throws if the answer is
   * none that openapi.json has.
   */
  async ask<T = Record<string, unknown>>(method: string, path: string, init: AskOptions = {}): Promise<Answer<T>> {
    const { json, body, headers = {} } = init;
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body, duplex: 'half' as const }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const answer = (isJson ? JSON.parse(text) : {}) as T;
    checkDeclared(
      method,
      new URL(response.url).pathname,
      response.status,
      (answer as { readonly code?: unknown }).code,
    );
    return { status: response.status, headers: response.headers, text, json: answer };
  }

  /** A message of `message/rfc822` to the REST door. */
  async submit(query: string, body: Body, headers: Record<string, string> = {}): Promise<Answer<{ id: string }>> {
    return await this.ask('POST', `/v1/messages${query}`, {
      body,
      headers: { 'content-type': 'message/rfc822', ...headers },
    });
  }

  /** A key of its own, with these scopes. */
  async keyWith(...scopes: string[]): Promise<string> {
    const { json } = await this.ask<{ key: string }>('POST', '/v1/api-keys', { json: { name: 'a test', scopes } });
    return json.key;
  }

  async stop(): Promise<void> {
    await this.app.close();
    for (const end of this.ends) await end();
  }
}

export interface AskOptions {
  readonly json?: unknown;
  readonly body?: Body;
  readonly headers?: Record<string, string>;
}
