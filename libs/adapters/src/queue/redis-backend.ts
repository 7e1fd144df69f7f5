import { createRedisBackend, Queue, type Processor } from 'bullmq';
import { Redis } from 'ioredis';
import type { Secret } from '#lib/core';
import type { QueueName } from '#lib/flow';
import { EndableWorker } from './endable-worker.js';
import { EVENTS_MAX, JOB_OPTIONS, WORKER_OPTIONS, type OpenWorker, type QueueBackend } from './queue-backend.js';
import { withDeadline } from './with-deadline.js';

const PREFIX = 'sealflow';
const COMMAND_TIMEOUT_MS = 2000;
const CLOSE_TIMEOUT_MS = 2000;

const COMMON = {
  connectTimeout: 5000,
  keepAlive: 10_000,
  disconnectTimeout: 500,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
};

/** Queues in Redis, under the prefix `sealflow`. */
export class RedisBackend implements QueueBackend {
  readonly #client: Redis;
  readonly #queues = new Map<QueueName, Queue>();

  constructor(
    private readonly url: Secret,
    private readonly onError: (error: Error) => void,
  ) {
    // A producer never waits for a lost server: no queue of commands, no command sent again, an end to each.
    const producer = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS };
    this.#client = new Redis(url.reveal(), { ...COMMON, ...producer });
    this.#client.on('error', onError);
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  queueOf(name: QueueName): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new Queue(name, {
        connection: this.#client,
        prefix: PREFIX,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS_MAX } },
        // The check is a command whose failure would stay with the queue for ever.
        skipVersionCheck: true,
      });
      queue.on('error', this.onError);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  openWorker(name: QueueName, processor: Processor, { concurrency }: { readonly concurrency: number }): OpenWorker {
    // A worker waits for a lost server: what it has done is told when the server is back.
    const client = new Redis(this.url.reveal(), { ...COMMON, maxRetriesPerRequest: null });
    client.on('error', this.onError);
    const worker = new EndableWorker(
      name,
      processor,
      { connection: client, prefix: PREFIX, concurrency, ...WORKER_OPTIONS },
      createRedisBackend,
    );
    return {
      worker,
      disconnect: async () => {
        await worker.abandon();
        await withDeadline(worker.disconnect(), CLOSE_TIMEOUT_MS).catch(() => undefined);
        client.disconnect();
      },
    };
  }

  async close(): Promise<void> {
    await withDeadline(Promise.all([...this.#queues.values()].map((queue) => queue.close())), CLOSE_TIMEOUT_MS).catch(
      () => undefined,
    );
    this.#client.disconnect();
  }
}
