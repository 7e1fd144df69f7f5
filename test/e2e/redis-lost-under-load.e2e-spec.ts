import { LineUnderLoad } from '../support/line-under-load.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

const MESSAGES = 300;

describeWith(['redis-server'], 'Redis lost under load', () => {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start({ queue: 'redis' });
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  beforeEach(() => {
    line.sink.arrived.length = 0;
  });

  it('guarantees that nothing is lost when every job is flushed', async () => {
    const load = line.load(MESSAGES);
    for (const count of [50, 150, 250]) {
      await line.accepted(load, count);
      await line.product.redis?.command('flushall');
    }
    await load.done;
    await line.drained(load, 30_000);
    expect(load.accepted.size).toBe(MESSAGES);
    expect(line.inClear()).toBe(0);
  }, 120_000);

  it('guarantees that doors go on while Redis is stopped, and the mail leaves when it is back', async () => {
    const { redis } = line.product;
    const before = line.load(100);
    await line.accepted(before, 40);
    await redis?.kill();
    await before.done;
    const meanwhile = line.load(50);
    await meanwhile.done;
    expect(meanwhile.accepted.size).toBe(50);
    await waitFor('/readyz to say that the queue is away', async () => {
      const response = await line.product.fetch('/readyz');
      return response.status === 503 && (await response.text()).includes('queue');
    });
    await redis?.start();
    await line.product.ready();
    await line.drained(before, 30_000);
    await line.drained(meanwhile, 30_000);
    expect(line.inClear()).toBe(0);
  }, 120_000);
});
