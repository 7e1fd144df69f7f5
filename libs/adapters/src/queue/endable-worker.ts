import { Worker, type IQueueBackend, type JobProgress } from 'bullmq';

/** A worker that can be given up: BullMQ's goes on renewing locks for as long as its `close` waits for a lost server. */
export class EndableWorker<B extends IQueueBackend, C> extends Worker<unknown, void, string, B, JobProgress, C> {
  async abandon(): Promise<void> {
    await this.lockManager.close();
  }
}
