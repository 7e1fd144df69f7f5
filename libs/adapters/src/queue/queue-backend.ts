import type { Processor, Queue, Worker } from 'bullmq';
import type { QueueName } from '#lib/flow';

/** How the workers of a queue hold their jobs. */
export const WORKER_OPTIONS = {
  /** A killed worker's job goes on after this, and at most two passes of the stalled check, which may be twice as far apart. */
  lockDuration: 5000,
  stalledInterval: 1500,
  /** A job never fails for having been begun too often: the record counts that for each message. */
  maxStalledCount: 1_000_000,
  /** A waiting worker looks by itself after so many seconds, should it have missed the call. */
  drainDelay: 5,
  /** After a lost server. */
  runRetryDelay: 1000,
} as const;

/** How jobs are kept. Finished ones go at once, failed ones stay to be looked at, a bounded number for a week. */
export const JOB_OPTIONS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: 1000, age: 7 * 24 * 60 * 60 },
} as const;

/** The events that BullMQ keeps of each queue; nothing of ours reads them. */
export const EVENTS_MAX = 1000;

/** Where the queues live: Redis or PostgreSQL. */
export interface QueueBackend {
  /** Whether a producer may try; else it fails at once. */
  readonly isReady: boolean;
  /** The queue as a producer has it, always the same object. */
  queueOf(name: QueueName): Queue;
  openWorker(name: QueueName, processor: Processor, options: { readonly concurrency: number }): OpenWorker;
  /** Ends the connections of the producers, in bounded time. */
  close(): Promise<void>;
}

export interface OpenWorker {
  readonly worker: Worker;
  /** Ends the worker's connections whatever state they are in; after `worker.close`, or instead of it. */
  disconnect(): Promise<void>;
}
