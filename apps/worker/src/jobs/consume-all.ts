import type { BullQueue, Consumer, QueueJob } from '#lib/adapters';
import type { QueueName } from '#lib/flow';

/** Jobs of each queue that a worker holds at once. `process`: a job may be of one message only, and all slots are to be used. */
const JOBS_MAX: Readonly<Record<QueueName, (concurrency: number) => number>> = {
  process: (concurrency) => concurrency,
  emit: () => 4,
  notify: () => 4,
};

/**
 * Starts a consumer for each queue that there is. A queue without a handler would take jobs that nobody works on: that
 * is an error at the start.
 */
export function consumeAll(
  queue: Pick<BullQueue, 'boardQueues' | 'consume'>,
  work: (queue: QueueName, job: QueueJob) => Promise<void>,
  concurrency: number,
): Consumer[] {
  return queue.boardQueues().map(({ name }) => {
    if (!isHandled(name)) throw new TypeError(`no handler for the queue ${name}`);
    return queue.consume(name, (job) => work(name, job), { concurrency: JOBS_MAX[name](concurrency) });
  });
}

function isHandled(name: string): name is QueueName {
  return Object.hasOwn(JOBS_MAX, name);
}
