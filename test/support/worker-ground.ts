import { randomBytes } from 'node:crypto';
import { BullQueue, SegmentBlobStore } from '#lib/adapters';
import { Secret, systemClock } from '#lib/core';
import { accept, Enqueuer } from '#lib/flow';
import { AppProcess, Ground } from './app-process.js';
import { importKey, ruleInputOf } from './record-ground.js';
import { inPieces } from './streams.js';

export const ANN = 'ann@clinic.example';
export const BOB = 'bob@customer.example';
export const DORA = 'dora@customer.example';

/** Mail that is accepted as a door would, for workers to work on. */
export class WorkerGround {
  readonly #queue: BullQueue;
  readonly #enqueue: Enqueuer;

  private constructor(
    readonly ground: Ground,
    private readonly blobs: SegmentBlobStore,
    readonly environment: Readonly<Record<string, string>>,
  ) {
    const redisUrl = environment['SEALFLOW_REDIS_URL'];
    this.#queue = new BullQueue({
      redisUrl: redisUrl === undefined ? undefined : new Secret(redisUrl),
      databaseUrl: new Secret(ground.urls.applicationUrl),
    });
    this.#enqueue = new Enqueuer(this.#queue, { onError: () => undefined });
  }

  static async make(ground: Ground, more: Readonly<Record<string, string>> = {}): Promise<WorkerGround> {
    const environment = { ...ground.environment, ...more };
    return new WorkerGround(ground, await SegmentBlobStore.open(environment['SEALFLOW_BLOB_URL'] ?? ''), environment);
  }

  /** A rule that seals everything, and the key of `bob@customer.example`. */
  async sealEverything(): Promise<void> {
    const { database, organizationId } = this.ground;
    await importKey(database, organizationId, 'bob');
    const encrypt = {
      type: 'encrypt',
      method: 'smime',
      subject: 'keep',
      template: 'encrypt-only',
      onMissingKey: 'hold',
    } as const;
    await database.rules.create(organizationId, ruleInputOf({ name: 'All sealed', actions: [encrypt] }));
  }

  /** Accepts a message; resolves with its id. */
  async accept(raw: Buffer, rcptTo: readonly string[] = [BOB]): Promise<string> {
    const { database, kms, organizationId } = this.ground;
    const outcome = await accept(
      {
        record: database.record,
        blobs: this.blobs,
        kms,
        enqueue: this.#enqueue,
        clock: systemClock,
        random: randomBytes,
      },
      {
        organizationId,
        envelope: {
          mailFrom: ANN,
          rcptTo: rcptTo.map((address) => ({ address, notify: null, orcpt: null })),
          dsnReturn: null,
          envid: null,
        },
        connection: {
          source: 'smtp',
          isAuthenticated: true,
          isTrustedNetwork: true,
          ip: '127.0.0.1',
          helo: 'test',
          isTls: false,
          apiKeyId: null,
          connectorId: null,
        },
        body: inPieces(raw),
      },
      { sizeBytesMax: 100_000_000 },
    );
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    return outcome.id;
  }

  /** Resolves when what was accepted has reached the queue. */
  async enqueued(): Promise<void> {
    await this.#enqueue.idle();
  }

  worker(more: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    return AppProcess.start('worker', { ...this.environment, ...more });
  }

  async statusOf(id: string): Promise<string | undefined> {
    return (await this.ground.database.messages.find(this.ground.organizationId, id))?.status;
  }

  /** Outbox rows that are left, over all queues. */
  async open(): Promise<number> {
    const waiting = await this.ground.database.housekeeping.waiting();
    return Object.values(waiting).reduce((sum, { count }) => sum + count, 0);
  }

  async close(): Promise<void> {
    await this.#queue.close({ graceMs: 0 });
    await this.blobs.close();
  }
}

/** A message with a Message-ID of its own. */
export function messageOf(n: number | string, body = 'the patient is well\r\n'): Buffer {
  const head = `From: <${ANN}>\r\nTo: <${BOB}>\r\nSubject: load\r\nMessage-ID: <${n}@load.example>\r\n`;
  return Buffer.from(`${head}Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n${body}`);
}
