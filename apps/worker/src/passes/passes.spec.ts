import { jest } from '@jest/globals';
import { deriveId } from '#lib/core';
import type { QueueName } from '#lib/flow';
import { every } from './every.js';
import { sweepOutbox } from './sweep-outbox.js';

describe('sweepOutbox', () => {
  const row = (queue: QueueName, organizationId: string, n: number) => ({
    queue,
    organizationId,
    id: deriveId(queue, organizationId, `${n}`),
  });

  it('tells the queue of each row, in jobs of one organization and queue, at most fifty ids each', async () => {
    const rows = [
      ...Array.from({ length: 120 }, (_, n) => row('process', 'a', n)),
      row('emit', 'a', 1),
      row('process', 'b', 1),
    ];
    const added: { queue: QueueName; organizationId: string; count: number }[] = [];
    const count = await sweepOutbox(
      { sweep: () => Promise.resolve(rows) },
      {
        add: (queue, { organizationId, ids }) => {
          added.push({ queue, organizationId, count: ids.length });
          return Promise.resolve();
        },
      },
    );
    expect(count).toBe(122);
    expect(added).toEqual([
      { queue: 'process', organizationId: 'a', count: 50 },
      { queue: 'process', organizationId: 'a', count: 50 },
      { queue: 'process', organizationId: 'a', count: 20 },
      { queue: 'emit', organizationId: 'a', count: 1 },
      { queue: 'process', organizationId: 'b', count: 1 },
    ]);
  });

  it('goes on until no more is due', async () => {
    const batches = [1_000, 1_000, 3].map((size, batch) =>
      Array.from({ length: size }, (_, n) => row('process', 'a', batch * 1_000 + n)),
    );
    const count = await sweepOutbox(
      { sweep: () => Promise.resolve(batches.shift() ?? []) },
      { add: () => Promise.resolve() },
    );
    expect(count).toBe(2_003);
  });

  it('fails with the queue; the record gives the rows again', async () => {
    const failed = sweepOutbox(
      { sweep: () => Promise.resolve([row('process', 'a', 1)]) },
      { add: () => Promise.reject(new Error('away')) },
    );
    await expect(failed).rejects.toThrow('away');
  });
});

describe('every', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('works at once, again and again, never twice at a time, and bears errors', async () => {
    jest.useFakeTimers();
    let [running, most, turns] = [0, 0, 0];
    const troubles: unknown[] = [];
    const work = async (): Promise<void> => {
      running += 1;
      turns += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running -= 1;
      if (turns === 2) throw new Error('once');
    };
    const pass = every(10, work, (error) => troubles.push(error));
    expect(turns).toBe(1);
    await jest.advanceTimersByTimeAsync(60 * 4 + 1);
    expect([turns, most, troubles.length]).toEqual([5, 1, 1]);
    const stopped = pass.stop();
    await jest.advanceTimersByTimeAsync(1_000);
    await stopped;
    expect([turns, running]).toEqual([5, 0]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
