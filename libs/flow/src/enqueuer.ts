import type { QueueName } from './message.js';
import type { Queue } from './ports.js';

const IDS_MAX = 50;
/** A queue that takes nothing must not fill the memory: what is over this is left to the sweeper. */
const WAITING_MAX = 20_000;

interface Lane {
  readonly queue: QueueName;
  readonly organizationId: string;
  readonly ids: string[];
}

/**
 * Gathers ids into jobs: what is accepted while the last job is being added goes into the next one, one job per
 * organization and queue, at most 50 ids each. Nobody waits for it: what it loses the sweeper adds.
 */
export class Enqueuer {
  readonly #queue: Queue;
  readonly #onError: (error: unknown) => void;
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;
  #flushing: Promise<void> | undefined;

  constructor(queue: Queue, options: { readonly onError: (error: unknown) => void }) {
    this.#queue = queue;
    this.#onError = options.onError;
  }

  add(queue: QueueName, organizationId: string, id: string): void {
    if (this.#waiting >= WAITING_MAX) return;
    this.#waiting += 1;
    const key = `${queue} ${organizationId}`;
    const lane = this.#lanes.get(key);
    if (lane === undefined) this.#lanes.set(key, { queue, organizationId, ids: [id] });
    else lane.ids.push(id);
    this.#flushing ??= this.#flush();
  }

  /** Resolves when all that was added so far has been handed to the queue, or was given up. */
  async idle(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flush(): Promise<void> {
    // The next tick: those who were accepted in one batch come in one job.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#lanes.size > 0) {
      const lanes = [...this.#lanes.values()];
      this.#lanes.clear();
      this.#waiting = 0;
      await Promise.all(lanes.map((lane) => this.#addLane(lane)));
    }
    this.#flushing = undefined;
  }

  async #addLane({ queue, organizationId, ids }: Lane): Promise<void> {
    for (let at = 0; at < ids.length; at += IDS_MAX) {
      try {
        await this.#queue.add(queue, { organizationId, ids: ids.slice(at, at + IDS_MAX) });
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
