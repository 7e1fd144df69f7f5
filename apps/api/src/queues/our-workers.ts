import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { Queue } from 'bullmq';
import type { ProcessStore } from '#lib/adapters';
import type { Clock } from '#lib/core';

type Workers = Awaited<ReturnType<BullMQAdapter['getWorkers']>>;
type AdapterOptions = ConstructorParameters<typeof BullMQAdapter>[1];

/**
 * A queue whose workers are those processes that report themselves. BullMQ looks for connections by their names, which
 * PostgreSQL has none of and ours in Redis do not bear; each of our workers works on all queues.
 */
export class OurWorkersAdapter extends BullMQAdapter {
  constructor(
    queue: Queue,
    options: AdapterOptions,
    private readonly processes: Pick<ProcessStore, 'living'>,
    private readonly clock: Clock,
  ) {
    super(queue, options);
  }

  /** `null`: not known, which is said so. */
  override async getWorkers(): Promise<Workers> {
    const living = await this.processes.living().catch(() => undefined);
    if (living === undefined) return null;
    return living
      .filter(({ app }) => app === 'worker')
      .map(({ id }) => ({ id, name: `worker ${id.slice(-4)}`, addr: '', age: this.#ageSeconds(id) }));
  }

  /** Ids of processes begin with the time that they were drawn at, in milliseconds. */
  #ageSeconds(id: string): number {
    const startedAtMs = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    const ageMs = this.clock.now().getTime() - startedAtMs;
    return Number.isNaN(ageMs) ? 0 : Math.max(0, Math.floor(ageMs / 1000));
  }
}
