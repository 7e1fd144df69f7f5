import { Queue, type Processor, type Worker } from 'bullmq';
import type { Secret } from '#lib/core';
import type { QueueName } from '#lib/flow';
import { EndableWorker } from './endable-worker.js';
import { LastingPool } from './lasting-pool.js';
import { createLastingBackend } from './lasting-postgres.js';
import { EVENTS_MAX, JOB_OPTIONS, WORKER_OPTIONS, type OpenWorker, type QueueBackend } from './queue-backend.js';
import { withDeadline } from './with-deadline.js';

/** Connections of all producers together. */
const PRODUCER_CONNECTIONS = 3;
/** Connections of one worker: one that listens, the others do its statements. */
const WORKER_CONNECTIONS = 5;
const CLOSE_TIMEOUT_MS = 2000;

/** Queues in PostgreSQL, in the schema `bullmq` that `migrateQueue` makes. Connects as the application role. */
export class PostgresBackend implements QueueBackend {
  readonly isReady = true;
  readonly #pool: LastingPool;
  readonly #queues = new Map<QueueName, Queue>();

  constructor(
    private readonly url: Secret,
    private readonly onError: (error: Error) => void,
  ) {
    this.#pool = this.#newPool(PRODUCER_CONNECTIONS, 'sealflow-queue');
  }

  queueOf(name: QueueName): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      const made = new Queue(
        name,
        {
          connection: this.#pool,
          defaultJobOptions: JOB_OPTIONS,
          streams: { events: { maxLen: EVENTS_MAX } },
        },
        createLastingBackend,
      );
      queue = made as unknown as Queue;
      queue.on('error', this.onError);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  openWorker(name: QueueName, processor: Processor, { concurrency }: { readonly concurrency: number }): OpenWorker {
    const pool = this.#newPool(WORKER_CONNECTIONS, `sealflow-queue-${name}`);
    const worker = new EndableWorker(
      name,
      processor,
      { connection: pool, concurrency, ...WORKER_OPTIONS },
      createLastingBackend,
    );
    return {
      worker: worker as unknown as Worker,
      disconnect: async () => {
        await worker.abandon();
        await withDeadline(worker.disconnect(), CLOSE_TIMEOUT_MS).catch(() => undefined);
        await endPool(pool);
      },
    };
  }

  async close(): Promise<void> {
    await withDeadline(Promise.all([...this.#queues.values()].map((queue) => queue.close())), CLOSE_TIMEOUT_MS).catch(
      () => undefined,
    );
    await endPool(this.#pool);
  }

  #newPool(max: number, applicationName: string): LastingPool {
    return new LastingPool(this.url, { max, applicationName, onError: this.onError });
  }
}

async function endPool(pool: LastingPool): Promise<void> {
  await withDeadline(pool.end(), CLOSE_TIMEOUT_MS).catch(() => undefined);
}
