import { setTimeout as delay } from 'node:timers/promises';
import { LineUnderLoad } from '../support/line-under-load.js';
import type { AppName } from '../support/product.js';
import { describeWith } from '../support/tools.js';

/** `npm run test:nightly` sets it. */
const ROUNDS = process.env['TEST_NIGHTLY'] === '1' ? 25 : 3;
const MESSAGES = 400;
/** `SEALFLOW_WORKER_CONCURRENCY`: no more than this may go twice at one kill. */
const CONCURRENCY = 16;
const EMPTY_AGAIN_SECONDS = 15;

const KILLS: readonly { readonly name: string; readonly apps: readonly AppName[]; readonly server: boolean }[] = [
  { name: 'the worker', apps: ['worker'], server: false },
  { name: 'the SMTP door', apps: ['smtp'], server: false },
  { name: 'the API', apps: ['api'], server: false },
  { name: 'all of it, with the database', apps: ['api', 'smtp', 'worker'], server: true },
];

function killed(queue: 'redis' | 'postgres'): void {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start({ queue, environment: { SEALFLOW_WORKER_CONCURRENCY: `${CONCURRENCY}` } });
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  for (let round = 1; round <= ROUNDS; round += 1) {
    // One of them at a time, in turn, and all of it in each third round.
    const kill = KILLS[(round - 1) % 3 === 2 ? 3 : (round - 1 + Math.floor(round / 4)) % 3] ?? KILLS[0];
    if (kill === undefined) continue;
    it(`guarantees that SIGKILL of ${kill.name} loses nothing (round ${round})`, async () => {
      const { product, sink } = line;
      sink.arrived.length = 0;
      const load = line.load(MESSAGES);
      await line.accepted(load, 20);
      await delay(Math.random() * 600);
      await Promise.all(kill.apps.map((app) => product.end(app, 'SIGKILL')));
      if (kill.server) {
        await product.postgres.kill();
        await product.postgres.start();
      }
      for (const app of kill.apps) product.run(app);
      await product.ready();
      await load.done;
      const { doubled, seconds } = await line.drained(load, EMPTY_AGAIN_SECONDS * 1000);
      process.stderr.write(
        `  ${queue}, SIGKILL of ${kill.name}: ${load.accepted.size} accepted, ${doubled} doubled, empty ${seconds.toFixed(1)} s after\n`,
      );
      expect(load.accepted.size).toBe(MESSAGES);
      expect(line.inClear()).toBe(0);
      expect(doubled).toBeLessThanOrEqual(CONCURRENCY);
    }, 180_000);
  }
}

describe('Killed under load, queues on PostgreSQL', () => {
  killed('postgres');
});

describeWith(['redis-server'], 'Killed under load, queues on Redis', () => {
  killed('redis');
});
