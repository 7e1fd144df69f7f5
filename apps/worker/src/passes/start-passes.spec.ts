import { jest } from '@jest/globals';
import { fixedClock } from '#lib/core';
import { Enqueuer } from '#lib/flow';
import { startPasses, type HousekeepingPorts } from './start-passes.js';

const ORGANIZATION = 'an-organization';

describe('startPasses', () => {
  const destroyed: Date[] = [];
  const forgotten: Date[] = [];
  const added: string[] = [];
  const troubles: string[] = [];
  let counts: number[] = [];
  let sweeps = 0;
  let ports: HousekeepingPorts;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    for (const list of [destroyed, forgotten, added, troubles]) list.length = 0;
    sweeps = 0;
    const queue = {
      add: (_queue: string, { ids }: { readonly ids: readonly string[] }) => {
        added.push(...ids);
        return Promise.resolve();
      },
    };
    ports = {
      record: {
        sweep: () => {
          sweeps += 1;
          return Promise.resolve([]);
        },
      },
      housekeeping: {
        releaseKeyed: () => Promise.resolve([{ organizationId: ORGANIZATION, id: 'keyed' }]),
        destroyContent: (before) => {
          destroyed.push(before);
          return Promise.resolve(counts.shift() ?? 0);
        },
        segmentsInUse: (segments) => Promise.resolve(new Set(segments)),
        forgetIdempotency: () => Promise.reject(new Error('away')),
        forgetLists: (before) => {
          forgotten.push(before);
          return Promise.resolve(0);
        },
        waiting: () => Promise.reject(new Error('not asked')),
        deferredAgeMs: () => Promise.reject(new Error('not asked')),
      },
      blobs: {
        collect: async ({ liveOf }) => {
          expect([...(await liveOf(['s-1']))]).toEqual(['s-1']);
          return { removed: 0 };
        },
      },
      queue,
      enqueue: new Enqueuer(queue, { onError: () => undefined }),
      clock: fixedClock('2026-11-24T10:00:00Z'),
      retentionDays: 30,
      onTrouble: (pass) => troubles.push(pass),
    };
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('sweeps each second, tells the queue of what has its key, and bears what fails', async () => {
    const passes = startPasses(ports);
    await jest.advanceTimersByTimeAsync(3_500);
    await Promise.all(passes.map((pass) => pass.stop()));
    await ports.enqueue.idle();
    expect(sweeps).toBe(4);
    expect(added).toEqual(['keyed', 'keyed']);
    expect(troubles).toEqual(['forgetIdempotency']);
    expect(forgotten).toEqual([new Date('2026-11-24T09:00:00Z')]);
  });

  it('destroys all that is past its days, batch by batch, each minute', async () => {
    counts = [500, 500, 3];
    const passes = startPasses(ports);
    await jest.advanceTimersByTimeAsync(59_000);
    expect(destroyed).toEqual(Array(3).fill(new Date('2026-10-25T10:00:00Z')));
    await jest.advanceTimersByTimeAsync(2_000);
    expect(destroyed).toHaveLength(4);
    await Promise.all(passes.map((pass) => pass.stop()));
  });
});
