import { deriveId, fixedClock } from '#lib/core';
import type { Accepted, Claim, ClaimedNotify, FlowPorts, MessageRecord, QueueName, RunOutcome } from '#lib/flow';
import { waitFor } from '../../../../test/support/wait-for.js';
import { JobRunner, type JobRunnerOptions } from './job-runner.js';

const ORGANIZATION = deriveId('organization');
const NOW = '2026-11-24T10:00:00Z';
const closed: RunOutcome = { kind: 'closed', outcomes: {} };
const idsOf = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => deriveId('message', `${from + index}`));

/** A record that gives each id once, and a line that waits until it is let go. */
class World {
  readonly claimed: string[][] = [];
  readonly released: { queue: QueueName; id: string; dueAt: Date }[] = [];
  readonly running = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  readonly ran: string[] = [];
  readonly troubles: unknown[] = [];
  most = 0;
  claimError: Error | undefined;
  /** Ids that somebody else has. */
  taken = new Set<string>();
  readonly runner: JobRunner;

  constructor(concurrency: number, options: Partial<JobRunnerOptions> = {}) {
    const claim = async <T>(ids: readonly string[], make: (id: string) => T): Promise<T[]> => {
      await Promise.resolve();
      if (this.claimError !== undefined) throw this.claimError;
      const free = ids.filter((id) => !this.taken.has(id));
      for (const id of free) this.taken.add(id);
      this.claimed.push(free);
      return free.map(make);
    };
    const record = {
      claim: (queue: QueueName, _organizationId: string, ids: readonly string[]) =>
        claim(ids, (id) => ({ id, queue, claim: `claim of ${id}` }) as Accepted),
      claimNotify: (_organizationId: string, ids: readonly string[]) =>
        claim(ids, (id) => ({ id, message: { claim: `claim of ${id}` } }) as ClaimedNotify),
      renew: () => Promise.resolve([]),
      release: async ({ queue, id }: Claim, dueAt: Date) => {
        await Promise.resolve();
        this.released.push({ queue, id, dueAt });
      },
    } as unknown as MessageRecord;
    const run = ({ id }: { readonly id: string }): Promise<RunOutcome> =>
      new Promise((resolve, reject) => {
        this.ran.push(id);
        const settle = (how: () => void): void => {
          this.running.delete(id);
          how();
        };
        this.running.set(id, {
          end: () => settle(() => resolve(closed)),
          fail: (error) => settle(() => reject(error)),
        });
        this.most = Math.max(this.most, this.running.size);
      });
    const line = {
      process: (_ports: FlowPorts, one: Accepted) => run(one),
      emit: (_ports: FlowPorts, one: Accepted) => run(one),
      notify: (_ports: FlowPorts, one: ClaimedNotify) => run(one),
    };
    const ports = { record, clock: fixedClock(NOW) } as unknown as FlowPorts & { record: MessageRecord };
    this.runner = new JobRunner(ports, {
      concurrency,
      line,
      onTrouble: (error) => this.troubles.push(error),
      ...options,
    });
  }

  work(ids: readonly string[], queue: QueueName = 'process'): Promise<void> {
    return this.runner.work(queue, { organizationId: ORGANIZATION, ids });
  }

  async began(count: number): Promise<void> {
    await waitFor(`${count} runs`, () => this.ran.length >= count, { intervalMs: 1 });
  }

  /** Ends everything that runs, and what begins after it, until the work is done. */
  async finish(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    void work.finally(() => (isDone = true)).catch(() => undefined);
    await waitFor(
      'the work to be done',
      () => {
        for (const { end } of [...this.running.values()]) end();
        return isDone;
      },
      { intervalMs: 1 },
    );
    await work;
  }
}

describe('JobRunner', () => {
  it.each(['process', 'emit', 'notify'] as const)('claims the messages of a %s job and runs each', async (queue) => {
    const world = new World(4);
    await world.finish(world.work(idsOf(3), queue));
    expect(world.ran.sort()).toEqual(idsOf(3).sort());
    expect(world.released).toEqual([]);
  });

  it('leaves what it does not get', async () => {
    const world = new World(4);
    world.taken = new Set(idsOf(2));
    await world.finish(world.work(idsOf(3)));
    expect(world.ran).toEqual(idsOf(1, 2));
  });

  it('guarantees that no more run at once than it may, over all jobs', async () => {
    const world = new World(4);
    await world.finish(Promise.all([0, 1, 2, 3, 4].map((job) => world.work(idsOf(7, job * 7)))));
    expect(world.ran).toHaveLength(35);
    expect(world.most).toBe(4);
  });

  it('claims no more while all slots are taken, and goes on when one job finds nothing', async () => {
    const world = new World(2);
    const first = world.work(idsOf(3));
    await world.began(2);
    world.taken = new Set([...world.taken, ...idsOf(2, 10)]);
    const others = [world.work(idsOf(2, 10)), world.work(idsOf(2, 10)), world.work(idsOf(2, 20))];
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.claimed).toHaveLength(1);
    await world.finish(Promise.all([first, ...others]));
    expect(world.ran).toHaveLength(5);
  });

  it('guarantees that an error of one message is no matter of its neighbours, nor of the job', async () => {
    const world = new World(4);
    const work = world.work(idsOf(3));
    await world.began(3);
    const [first = ''] = idsOf(1);
    world.running.get(first)?.fail(new Error('a defect'));
    await world.finish(work);
    expect(world.troubles).toEqual([expect.objectContaining({ message: 'a defect' })]);
    expect(world.released).toEqual([{ queue: 'process', id: first, dueAt: new Date('2026-11-24T10:00:05Z') }]);
  });

  it('fails a job whose messages could not be claimed', async () => {
    const world = new World(4);
    world.claimError = new Error('away');
    await expect(world.work(idsOf(3))).rejects.toThrow('away');
    world.claimError = undefined;
    await world.finish(world.work(idsOf(3)));
  });

  it('gives back what has not begun when it is stopped, and ends what has', async () => {
    const world = new World(2);
    const work = world.work(idsOf(5));
    await world.began(2);
    world.runner.stop();
    await waitFor('the rest to be given back', () => world.released.length === 3, { intervalMs: 1 });
    expect(world.released.map(({ dueAt }) => dueAt.toISOString())).toEqual(Array(3).fill('2026-11-24T10:00:00.000Z'));
    await world.finish(work);
    expect(world.ran).toHaveLength(2);
    await expect(world.work(idsOf(1, 9))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_WORKER_STOPPING' }) as Error,
    );
  });

  it('leaves jobs that wait for room to others when it is stopped', async () => {
    const world = new World(1);
    const first = world.work(idsOf(1));
    await world.began(1);
    const second = world.work(idsOf(1, 5));
    world.runner.stop();
    await expect(second).rejects.toThrow(expect.objectContaining({ code: 'ERR_WORKER_STOPPING' }) as Error);
    await world.finish(first);
  });

  it('gives back at the very end what still runs', async () => {
    const world = new World(2);
    void world.work(idsOf(2));
    await world.began(2);
    world.runner.stop();
    await world.runner.giveBackRest();
    expect(world.released.map(({ id }) => id).sort()).toEqual(idsOf(2).sort());
  });
});
