import type { Database, Provider, QueueDepth } from '#lib/adapters';
import { newId, type Clock, type RandomBytes } from '#lib/core';
import type { CertificateInfo } from '#lib/crypto';
import type { AcceptPorts, BlobStore, Enqueuer, Judge, Kms, QueueName } from '#lib/flow';
import type { Queue as BullMqQueue } from 'bullmq';
import type { ApiConfig } from './config.js';
import type { ApiLog } from './http/api-log.js';
import { ApiError } from './problem/api-error.js';

/** What the API asks of the record. */
export type Stores = Omit<Database, 'close'>;

/** The queues, as far as the API has to do with them. */
export interface Queues {
  depth(): Promise<Readonly<Record<QueueName, QueueDepth>>>;
  boardQueues(): readonly BullMqQueue[];
}

/** Everything behind the controllers that is there from the start, whether or not the database is. */
export interface PlatformParts {
  readonly config: ApiConfig;
  readonly stores: Stores;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly enqueue: Enqueuer;
  readonly judge: Judge;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Trust anchors of `SEALFLOW_SMIME_TRUST_DIR`; none: chains are not checked. */
  readonly trustAnchors: readonly CertificateInfo[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: ApiLog;
}

/** What the controllers stand on. The keys come when the database has said whether they may be made. */
export class Platform implements PlatformParts {
  readonly config: ApiConfig;
  readonly stores: Stores;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly enqueue: Enqueuer;
  readonly judge: Judge;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly trustAnchors: readonly CertificateInfo[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: ApiLog;
  /** Names this process among those that report themselves. */
  readonly processId: string;
  #kms: Kms | undefined;

  constructor(parts: PlatformParts) {
    this.config = parts.config;
    this.stores = parts.stores;
    this.blobs = parts.blobs;
    this.queues = parts.queues;
    this.enqueue = parts.enqueue;
    this.judge = parts.judge;
    this.providers = parts.providers;
    this.trustAnchors = parts.trustAnchors;
    this.clock = parts.clock;
    this.random = parts.random;
    this.log = parts.log;
    this.processId = newId(parts.clock.now().getTime(), parts.random);
  }

  open(kms: Kms): void {
    this.#kms = kms;
  }

  get isOpen(): boolean {
    return this.#kms !== undefined;
  }

  /** Error: `ERR_STARTING` (503) while the database has not been there yet. */
  get kms(): Kms {
    if (this.#kms === undefined) throw new ApiError('ERR_STARTING');
    return this.#kms;
  }

  /** For the doors. Error: `ERR_STARTING`. */
  get acceptPorts(): AcceptPorts {
    const { stores, blobs, kms, enqueue, clock, random } = this;
    return { record: stores.record, blobs, kms, enqueue, clock, random };
  }

  requireOpen(): void {
    if (!this.isOpen) throw new ApiError('ERR_STARTING');
  }
}
