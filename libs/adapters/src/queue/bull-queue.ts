import type { Job, Queue as BullMqQueue } from 'bullmq';
import type { Secret } from '#lib/core';
import type { Queue, QueueName } from '#lib/flow';
import { AdapterError, systemCodeOf } from '../errors.js';
import { Consumer, type JobHandler } from './consumer.js';
import { jobIdOf, QUEUE_NAMES, type QueueJob } from './job.js';
import { PostgresBackend } from './postgres-backend.js';
import type { QueueBackend } from './queue-backend.js';
import { RedisBackend } from './redis-backend.js';
import { withDeadline } from './with-deadline.js';

const ADD_TIMEOUT_MS = 3000;

export interface BullQueueOptions {
  /** Redis if given, else PostgreSQL as the application role. */
  readonly redisUrl?: Secret | undefined;
  readonly databaseUrl?: Secret | undefined;
  /** Told of lost connections and failed jobs, for the log; neither ends the process. */
  readonly onError?: (error: Error) => void;
}

/** How many jobs of a queue are in which state. */
export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/**
 * The queues on BullMQ, in Redis or in PostgreSQL, with the same behaviour. Connects by itself, also when the server
 * comes later or comes back; never ends the process for want of a server.
 */
export class BullQueue implements Queue {
  readonly #backend: QueueBackend;
  readonly #onError: (error: Error) => void;
  readonly #consumers = new Set<Consumer>();

  constructor(options: BullQueueOptions) {
    this.#onError = options.onError ?? (() => undefined);
    if (options.redisUrl !== undefined) this.#backend = new RedisBackend(options.redisUrl, this.#onError);
    else if (options.databaseUrl !== undefined) this.#backend = new PostgresBackend(options.databaseUrl, this.#onError);
    else throw new AdapterError('ERR_QUEUE_UNAVAILABLE', { detail: { code: 'UNCONFIGURED' } });
  }

  /**
   * Adds a job for these ids, unless it is there and will run: a failed one is begun again, a delayed one takes the new
   * time. Fails fast. Error: `ERR_QUEUE_UNAVAILABLE`; it may then have been added all the same, which does no harm.
   */
  async add(queue: QueueName, job: QueueJob, options: { readonly delayMs?: number } = {}): Promise<void> {
    if (job.ids.length === 0) return;
    await this.#attempt(() => addAgain(this.#backend.queueOf(queue), queue, job, options.delayMs ?? 0));
  }

  /** Starts a worker of a queue in this process. `concurrency`: jobs in hand at once. */
  consume(queue: QueueName, handler: JobHandler, options: { readonly concurrency: number }): Consumer {
    const consumer = new Consumer(this.#backend, queue, handler, { ...options, onError: this.#onError });
    this.#consumers.add(consumer);
    return consumer;
  }

  /** For metrics and readiness. Error: `ERR_QUEUE_UNAVAILABLE`. */
  async depth(): Promise<Readonly<Record<QueueName, QueueDepth>>> {
    const [process, emit, notify] = await this.#attempt(() =>
      Promise.all(QUEUE_NAMES.map((name) => this.#depthOf(name))),
    );
    if (process === undefined || emit === undefined || notify === undefined) throw new TypeError('a queue is missing');
    return { process, emit, notify };
  }

  /** BullMQ's own objects, for the dashboard. Close them through this class only. */
  boardQueues(): readonly BullMqQueue[] {
    return QUEUE_NAMES.map((name) => this.#backend.queueOf(name));
  }

  /** Ends consumers (see `Consumer.close`) and connections, in bounded time. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close(options)));
    await this.#backend.close();
  }

  async #depthOf(name: QueueName): Promise<QueueDepth> {
    const counts = await this.#backend
      .queueOf(name)
      .getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
    const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { waiting: waiting + prioritized, active, delayed, failed };
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T> {
    try {
      if (!this.#backend.isReady) throw Object.assign(new Error('not connected'), { code: 'ENOTCONN' });
      return await withDeadline(act(), ADD_TIMEOUT_MS);
    } catch (error) {
      throw new AdapterError('ERR_QUEUE_UNAVAILABLE', { detail: { code: systemCodeOf(error) }, cause: error });
    }
  }
}

/** BullMQ ignores an id that it has in any state, also for ever that of a failed job. */
async function addAgain(bull: BullMqQueue, queue: QueueName, job: QueueJob, delayMs: number): Promise<void> {
  const jobId = jobIdOf(queue, job);
  const added = await bull.add(queue, { organizationId: job.organizationId, ids: job.ids }, { jobId, delay: delayMs });
  const state = await bull.getJobState(jobId);
  if (state !== 'failed' && state !== 'completed' && state !== 'delayed') return;
  const there = (await bull.getJob(jobId)) as Job | undefined;
  // Gone means that it just ended; the same time of birth, that it is the one just added.
  if (there === undefined || (state === 'delayed' && there.timestamp === added.timestamp)) return;
  try {
    if (state !== 'delayed') await there.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true });
    else if (delayMs === 0) await there.promote();
    else await there.changeDelay(delayMs);
  } catch (error) {
    // It changed its state meanwhile, and so it runs.
    if ((await bull.getJobState(jobId)) === state) throw error;
  }
}
