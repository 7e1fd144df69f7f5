import { type AppProcess, Ground } from '../support/app-process.js';
import { MailSink } from '../support/mail-sink.js';
import { RedisServer } from '../support/redis.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';
import { messageOf, WorkerGround } from '../support/worker-ground.js';

const CONCURRENCY = 16;
const MESSAGES = 400;
const EMPTY_AGAIN_MS = 15_000;

/** Message-IDs of what has arrived, with repeats. */
function arrivedAt(sink: MailSink): string[] {
  return sink.arrived.map(
    ({ raw }) => /^Message-ID: <(\d+)@/im.exec(raw.subarray(0, 4096).toString('latin1'))?.[1] ?? '',
  );
}

function killed(backend: 'redis' | 'postgres'): void {
  let sink: MailSink;
  let redis: RedisServer | undefined;
  let ground: Ground;
  let mail: WorkerGround;
  const workers: AppProcess[] = [];

  beforeAll(async () => {
    sink = await MailSink.start();
    redis = backend === 'redis' ? await RedisServer.start({ isDurable: true }) : undefined;
    ground = await Ground.make();
    mail = await WorkerGround.make(ground, {
      SEALFLOW_RELAY_URL: sink.url,
      SEALFLOW_WORKER_CONCURRENCY: `${CONCURRENCY}`,
      ...(redis === undefined ? {} : { SEALFLOW_REDIS_URL: redis.url }),
    });
    await mail.sealEverything();
  }, 60_000);

  afterAll(async () => {
    await mail.close();
    await ground.remove();
    await redis?.stop();
    await sink.stop();
  });

  beforeEach(() => {
    sink.arrived.length = 0;
    sink.mischief = {};
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.end('SIGKILL')));
  });

  async function start(more: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const worker = await mail.worker(more);
    workers.push(worker);
    return worker;
  }

  /** Everything that was accepted has arrived and is recorded; how many arrived twice, and how long that took. */
  async function drained(count: number, timeoutMs: number): Promise<{ doubled: number; seconds: number }> {
    const startMs = performance.now();
    const ids = (): Set<string> => new Set(arrivedAt(sink));
    await waitFor('everything to arrive', () => ids().size >= count, { timeoutMs });
    await waitFor('the outbox to be empty', async () => (await mail.open()) === 0, { timeoutMs });
    for (const { raw } of sink.arrived) expect(raw.includes('the patient')).toBe(false);
    return { doubled: sink.arrived.length - ids().size, seconds: (performance.now() - startMs) / 1000 };
  }

  async function acceptAll(): Promise<void> {
    await Promise.all(Array.from({ length: MESSAGES }, (_, n) => mail.accept(messageOf(n))));
    await mail.enqueued();
  }

  function say(what: string, { doubled, seconds }: { doubled: number; seconds: number }): void {
    process.stderr.write(
      `  ${backend}, ${what}: ${doubled} of ${MESSAGES} doubled, empty ${seconds.toFixed(1)} s after\n`,
    );
  }

  it('guarantees that SIGKILL of a worker under load loses nothing, and doubles no more than it had in hand', async () => {
    await acceptAll();
    const worker = await start();
    await waitFor('a part to arrive', () => sink.arrived.length > MESSAGES / 4);
    await worker.end('SIGKILL');
    await start();
    const result = await drained(MESSAGES, EMPTY_AGAIN_MS);
    say('SIGKILL of the worker', result);
    expect(result.doubled).toBeLessThanOrEqual(CONCURRENCY);
  }, 90_000);

  it('guarantees that another worker takes over what a killed one had', async () => {
    await acceptAll();
    const [one] = await Promise.all([start(), start()]);
    await waitFor('a part to arrive', () => sink.arrived.length > MESSAGES / 4);
    await one.end('SIGKILL');
    const result = await drained(MESSAGES, EMPTY_AGAIN_MS);
    say('SIGKILL of one of two workers', result);
    expect(result.doubled).toBeLessThanOrEqual(CONCURRENCY);
  }, 90_000);

  it('ends what is in hand at SIGTERM and hands back the rest: nothing goes twice', async () => {
    await acceptAll();
    const worker = await start();
    await waitFor('a part to arrive', () => sink.arrived.length > MESSAGES / 4);
    expect(await worker.end('SIGTERM')).toBe(0);
    const left = await mail.open();
    await start();
    const result = await drained(MESSAGES, EMPTY_AGAIN_MS);
    say(`SIGTERM with ${left} left`, result);
    expect(result.doubled).toBe(0);
  }, 90_000);

  if (backend === 'redis') {
    it('guarantees that nothing is lost with the queue', async () => {
      await acceptAll();
      await redis?.command('flushall');
      await start();
      await waitFor('a part to arrive', () => sink.arrived.length > MESSAGES / 4);
      await redis?.kill();
      await redis?.start();
      const result = await drained(MESSAGES, EMPTY_AGAIN_MS);
      say('FLUSHALL, then SIGKILL of Redis', result);
      expect(result.doubled).toBeLessThanOrEqual(CONCURRENCY);
    }, 90_000);
  }
}

describe('Workers, queues on PostgreSQL', () => {
  killed('postgres');
});

describeWith(['redis-server'], 'Workers, queues on Redis', () => {
  killed('redis');
});
