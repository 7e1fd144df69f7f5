import { Enqueuer } from './enqueuer.js';
import { InMemoryQueue, type Job } from './fakes/in-memory-queue.js';
import type { Queue } from './ports.js';

function idsOf(jobs: readonly Job[]): string[][] {
  return jobs.map((job) => [...job.ids]);
}

describe('Enqueuer', () => {
  it('makes one job of those who come together, per organization and queue', async () => {
    const queue = new InMemoryQueue();
    const enqueue = new Enqueuer(queue, { onError: () => undefined });
    for (const id of ['a', 'b']) enqueue.add('process', 'org-1', id);
    enqueue.add('process', 'org-2', 'c');
    enqueue.add('notify', 'org-1', 'd');
    expect(queue.jobs).toEqual([]);
    await enqueue.idle();
    expect(queue.jobs).toEqual([
      { queue: 'process', organizationId: 'org-1', ids: ['a', 'b'] },
      { queue: 'process', organizationId: 'org-2', ids: ['c'] },
      { queue: 'notify', organizationId: 'org-1', ids: ['d'] },
    ]);
  });

  it('gathers what comes while the last job is being added', async () => {
    let taken: () => void = () => undefined;
    const jobs: (readonly string[])[] = [];
    const queue: Queue = {
      add: (_queue, job) => {
        jobs.push(job.ids);
        return new Promise((resolve) => {
          taken = resolve;
        });
      },
    };
    const enqueue = new Enqueuer(queue, { onError: () => undefined });
    enqueue.add('process', 'org', 'a');
    while (jobs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const id of ['b', 'c', 'd']) enqueue.add('process', 'org', id);
    taken();
    while (jobs.length === 1) await new Promise((resolve) => setImmediate(resolve));
    taken();
    await enqueue.idle();
    expect(jobs).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('puts at most fifty into one job', async () => {
    const queue = new InMemoryQueue();
    const enqueue = new Enqueuer(queue, { onError: () => undefined });
    for (let count = 0; count < 120; count += 1) enqueue.add('process', 'org', `id-${count}`);
    await enqueue.idle();
    expect(idsOf(queue.jobs).map((ids) => ids.length)).toEqual([50, 50, 20]);
  });

  it('tells of a job that the queue did not take, and goes on', async () => {
    const queue = new InMemoryQueue();
    const errors: unknown[] = [];
    const enqueue = new Enqueuer(queue, { onError: (error) => errors.push(error) });
    queue.failures.push(new Error('away'));
    enqueue.add('process', 'org', 'a');
    await enqueue.idle();
    enqueue.add('process', 'org', 'b');
    await enqueue.idle();
    expect(errors).toEqual([new Error('away')]);
    expect(idsOf(queue.jobs)).toEqual([['b']]);
  });

  it('does not fill the memory when the queue takes nothing', async () => {
    const queue = new InMemoryQueue();
    const enqueue = new Enqueuer(queue, { onError: () => undefined });
    for (let count = 0; count < 30_000; count += 1) enqueue.add('process', 'org', `id-${count}`);
    await enqueue.idle();
    expect(idsOf(queue.jobs).flat().length).toBe(20_000);
  });
});
