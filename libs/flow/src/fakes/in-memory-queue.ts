import type { QueueName } from '../message.js';
import type { Queue } from '../ports.js';

export interface Job {
  readonly queue: QueueName;
  readonly organizationId: string;
  readonly ids: readonly string[];
}

/** A queue in memory, for tests; it may be emptied at any time. */
export class InMemoryQueue implements Queue {
  readonly jobs: Job[] = [];
  /** Errors that the next adds end with. */
  readonly failures: Error[] = [];

  async add(
    queue: QueueName,
    job: { readonly organizationId: string; readonly ids: readonly string[] },
  ): Promise<void> {
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.jobs.push({ queue, ...job });
  }
}
