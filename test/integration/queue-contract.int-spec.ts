import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { BullQueue, migrateQueue, type BullQueueOptions, type JobHandler } from '#lib/adapters';
import { deriveId, newId, Secret } from '#lib/core';
import { freePort } from '../support/free-port.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { startSource } from '../support/source-process.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

const organizationId = deriveId('organization');
const newIds = (count = 1) => Array.from({ length: count }, () => newId(Date.now(), randomBytes));

/** A server that the queues are in, and what may happen to it. */
interface Ground {
  readonly options: BullQueueOptions;
  readonly settings: { readonly redisUrl?: string; readonly databaseUrl?: string };
  kill(): Promise<void>;
  hang(): void;
  goOn(): void;
  start(): Promise<void>;
  /** Loses every job, as FLUSHALL or a lost disk does. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

async function redisGround(): Promise<Ground> {
  const server = await RedisServer.start({ isDurable: true });
  return {
    options: { redisUrl: new Secret(server.url) },
    settings: { redisUrl: server.url },
    kill: () => server.kill(),
    hang: () => server.signal('SIGSTOP'),
    goOn: () => server.signal('SIGCONT'),
    start: () => server.start(),
    empty: async () => {
      await server.command('flushall');
    },
    stop: () => server.stop(),
  };
}

async function postgresGround(): Promise<Ground> {
  const server = await PostgresServer.start();
  const database = await server.createDatabase();
  await migrateQueue(new Secret(database.ownerUrl), database.applicationUser);
  return {
    options: { databaseUrl: new Secret(database.applicationUrl) },
    settings: { databaseUrl: database.applicationUrl },
    kill: () => server.kill(),
    hang: () => server.signal('SIGSTOP'),
    goOn: () => server.signal('SIGCONT'),
    start: () => server.start(),
    empty: () => server.run(database.ownerUrl, ['DELETE FROM bullmq.job']),
    stop: () => server.stop(),
  };
}

function contract(name: string, makeGround: () => Promise<Ground>): void {
  let ground: Ground;
  const queues: BullQueue[] = [];
  const processes: ChildProcess[] = [];

  const open = () => {
    const queue = new BullQueue(ground.options);
    queues.push(queue);
    return queue;
  };
  /** A consumer that notes the ids of each job; `handler` may do more. */
  const note = async (handler: JobHandler = () => Promise.resolve(), queue = open(), concurrency = 8) => {
    const seen: (readonly string[])[] = [];
    const consumer = queue.consume(
      'process',
      async (job, signal) => {
        seen.push(job.ids);
        await handler(job, signal);
      },
      { concurrency },
    );
    await consumer.ready();
    return { seen, consumer };
  };
  /** Adds it as soon as the server can be reached. */
  const add = (ids: readonly string[], queue: BullQueue, options?: { delayMs?: number }) =>
    waitFor('a job to be added', async () => {
      await queue.add('process', { organizationId, ids }, options);
      return true;
    });
  const isEmpty = async (queue: BullQueue) => {
    const { process: depth } = await queue.depth();
    return depth.waiting + depth.active + depth.delayed + depth.failed === 0;
  };
  const startConsumer = async (hang: boolean) => {
    const child = startSource('test/support/queue-consumer.ts', { ...ground.settings, hang });
    processes.push(child);
    const said: { ready?: boolean; began?: string[]; finished?: string[] }[] = [];
    child.on('message', (message) => said.push(message as (typeof said)[number]));
    await waitFor('the consumer to be ready', () => said.some(({ ready }) => ready));
    return { child, said };
  };

  beforeAll(async () => {
    ground = await makeGround();
  }, 60_000);
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    await Promise.all(queues.splice(0).map((queue) => queue.close({ graceMs: 100 })));
    await ground.empty();
  });
  afterAll(async () => {
    await ground.stop();
  });

  it(`hands each job to one consumer of ${name}, with ids only, and forgets it when it is done`, async () => {
    const queue = open();
    const [one, two] = [await note(), await note()];
    const jobs = Array.from({ length: 50 }, () => newIds(3));
    await Promise.all(jobs.map((ids) => add(ids, queue)));
    await waitFor('all jobs', () => one.seen.length + two.seen.length >= 50);
    expect([...one.seen, ...two.seen].map((ids) => ids.join()).sort()).toEqual(jobs.map((ids) => ids.join()).sort());
    await waitFor('the queue to be empty', () => isEmpty(queue));
  });

  it('takes the same ids once, however often they are added, and again when they are done', async () => {
    const queue = open();
    const ids = newIds(2);
    await Promise.all([add(ids, queue), add(ids, queue), add(ids, open())]);
    expect((await queue.depth()).process.waiting).toBe(1);
    const { seen } = await note();
    await waitFor('the queue to be empty', () => isEmpty(queue));
    expect(seen).toEqual([ids]);
    await add(ids, queue);
    await waitFor('the job to come again', () => seen.length === 2);
  });

  it('keeps queues apart', async () => {
    const queue = open();
    const ids = newIds();
    await add(newIds(), queue);
    await queue.add('emit', { organizationId, ids });
    const depth = await queue.depth();
    expect([depth.process.waiting, depth.emit.waiting, depth.notify.waiting]).toEqual([1, 1, 0]);
    const seen: (readonly string[])[] = [];
    queue.consume('emit', (job) => Promise.resolve(void seen.push(job.ids)), { concurrency: 1 });
    await waitFor('the job of the emit queue', () => seen.length > 0);
    expect(seen).toEqual([ids]);
  });

  it('waits for the time of a delayed job, and takes a new time when it is added again', async () => {
    const queue = open();
    const { seen } = await note();
    const [soon, changed, promoted] = [newIds(), newIds(), newIds()];
    const startedAt = Date.now();
    await add(changed, queue, { delayMs: 3_600_000 });
    await add(promoted, queue, { delayMs: 3_600_000 });
    await add(soon, queue, { delayMs: 400 });
    expect((await queue.depth()).process.delayed).toBe(3);
    await waitFor('the delayed job', () => seen.length === 1);
    expect(seen).toEqual([soon]);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(400);
    await add(changed, queue, { delayMs: 300 });
    await waitFor('the job with a new time', () => seen.length === 2);
    expect(seen[1]).toEqual(changed);
    await add(promoted, queue);
    await waitFor('the job that is due now', () => seen.length === 3);
  });

  it('tries a failing job again, later', async () => {
    const queue = open();
    let failures = 1;
    const attempts: number[] = [];
    const { seen } = await note(({ attempt }) => {
      attempts.push(attempt);
      if (failures-- > 0) throw Object.assign(new Error('not yet: ann@customer.example'), { code: 'ERR_TEST' });
      return Promise.resolve();
    });
    await add(newIds(), queue);
    await waitFor('the second attempt', () => seen.length === 2);
    expect(attempts).toEqual([1, 2]);
    await waitFor('the queue to be empty', () => isEmpty(queue));
  });

  it('keeps a job that failed for good, without the words of its error, and begins it again when it is added', async () => {
    const queue = open();
    const ids = newIds();
    await add(ids, queue);
    const [board] = queue.boardQueues();
    const [job] = (await board?.getJobs(['waiting'])) ?? [];
    await job?.updateData({ nonsense: true });
    const { seen, consumer } = await note();
    await waitFor('the job to fail', async () => (await queue.depth()).process.failed === 1);
    const [failed] = (await board?.getJobs(['failed'])) ?? [];
    expect(failed?.failedReason).toBe('UNKNOWN_JOB');
    expect(seen).toEqual([]);
    await consumer.close({ graceMs: 100 });

    await failed?.updateData({ organizationId, ids });
    const again = await note();
    await add(ids, queue);
    await waitFor('the job to come again', () => again.seen.length === 1);
    await waitFor('the queue to be empty', () => isEmpty(queue));
  });

  it('guarantees that jobs of a killed consumer go on within 15 s', async () => {
    const queue = open();
    const { child, said } = await startConsumer(true);
    const jobs = Array.from({ length: 3 }, () => newIds());
    await Promise.all(jobs.map((ids) => add(ids, queue)));
    await waitFor('the jobs to be begun', () => said.filter(({ began }) => began).length === 3);
    child.kill('SIGKILL');
    const killedAt = Date.now();
    const { seen } = await note();
    await waitFor('the jobs to go on', () => seen.length === 3, { timeoutMs: 15_000 });
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    await waitFor('the queue to be empty', () => isEmpty(queue));
  });

  it('guarantees that a consumer that is told to end hands back what it cannot finish', async () => {
    const queue = open();
    const { child, said } = await startConsumer(true);
    const ids = newIds();
    await add(ids, queue);
    await waitFor('the job to be begun', () => said.some(({ began }) => began));
    const { seen } = await note();
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    await waitFor('the job to go on', () => seen.length === 1, { timeoutMs: 2000 });
    expect(seen).toEqual([ids]);
  });

  it('finishes what is in hand when it is closed, and takes nothing more', async () => {
    const queue = open();
    let finish: () => void = () => undefined;
    const { seen, consumer } = await note(() => new Promise((resolve) => (finish = resolve)), open(), 1);
    await add(newIds(), queue);
    await waitFor('the job to be begun', () => seen.length === 1);
    const closing = consumer.close();
    await add(newIds(), queue);
    finish();
    await closing;
    expect(seen).toHaveLength(1);
    const { process: depth } = await queue.depth();
    expect([depth.waiting, depth.active]).toEqual([1, 0]);
  });

  it('guarantees that a killed server fails an add at once, ends no process, and is used again when it is back', async () => {
    const queue = open();
    const { seen } = await note(undefined, queue);
    await add(newIds(), queue);
    await waitFor('the first job', () => seen.length === 1);
    await ground.kill();
    try {
      for (let n = 0; n < 3; n++) {
        await expect(queue.add('process', { organizationId, ids: newIds() })).rejects.toMatchObject({
          code: 'ERR_QUEUE_UNAVAILABLE',
          kind: 'temporary',
        });
      }
      await expect(queue.depth()).rejects.toMatchObject({ code: 'ERR_QUEUE_UNAVAILABLE' });
    } finally {
      await ground.start();
    }
    const ids = newIds();
    await add(ids, queue);
    await waitFor('the consumer to go on', () => seen.some((each) => each.join() === ids.join()));
  });

  it('guarantees that a job done while the server is away is done, or comes again, and is then gone', async () => {
    const queue = open();
    let finish: () => void = () => undefined;
    const { seen } = await note(() => new Promise((resolve) => (finish = resolve)));
    await add(newIds(), queue);
    await waitFor('the job to be begun', () => seen.length === 1);
    await ground.kill();
    finish();
    await ground.start();
    await waitFor(
      'the queue to be empty',
      async () => {
        finish();
        return isEmpty(queue);
      },
      { timeoutMs: 20_000 },
    );
    expect(seen.length).toBeLessThanOrEqual(2);
  });

  it('guarantees that a server that hangs does not hang an add', async () => {
    const queue = open();
    await add(newIds(), queue);
    ground.hang();
    try {
      await expect(queue.add('process', { organizationId, ids: newIds() })).rejects.toMatchObject({
        code: 'ERR_QUEUE_UNAVAILABLE',
      });
    } finally {
      ground.goOn();
    }
    await add(newIds(), queue);
  });

  it('guarantees that a queue that was emptied works on, and takes the lost ids again', async () => {
    const queue = open();
    let finish: () => void = () => undefined;
    const { seen } = await note(() =>
      seen.length === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(),
    );
    const [inHand, waiting] = [newIds(), newIds()];
    await add(inHand, queue);
    await waitFor('the job to be begun', () => seen.length === 1);
    await ground.empty();
    finish();
    await add(inHand, queue);
    await add(waiting, queue);
    await waitFor('the lost jobs', () => seen.length >= 3);
    await waitFor('the queue to be empty', () => isEmpty(queue));
  });

  it('starts while the server is away and works when it comes', async () => {
    await ground.kill();
    const queue = open();
    const seen: string[] = [];
    queue.consume('process', ({ ids }) => Promise.resolve(void seen.push(...ids)), { concurrency: 1 });
    const ids = newIds();
    try {
      await expect(queue.add('process', { organizationId, ids })).rejects.toMatchObject({
        code: 'ERR_QUEUE_UNAVAILABLE',
      });
    } finally {
      await ground.start();
    }
    await add(ids, queue);
    await waitFor('the job', () => seen.includes(ids[0] ?? ''));
  });

  it('closes in bounded time while the server is away', async () => {
    const queue = open();
    await note(undefined, queue);
    await ground.kill();
    try {
      await queue.close({ graceMs: 1000 });
    } finally {
      await ground.start();
    }
  });
}

describeWith(['redis-server'], 'the queue on Redis', () => {
  contract('Redis', redisGround);

  it('says that it is unavailable when nobody listens there', async () => {
    const queue = new BullQueue({ redisUrl: new Secret(`redis://127.0.0.1:${await freePort()}`) });
    await expect(queue.add('process', { organizationId, ids: newIds() })).rejects.toMatchObject({
      code: 'ERR_QUEUE_UNAVAILABLE',
    });
    await queue.close();
  });
});

describe('the queue on PostgreSQL', () => {
  contract('PostgreSQL', postgresGround);
});
