import { LineUnderLoad } from '../support/line-under-load.js';

const APPS = ['smtp', 'worker', 'api'] as const;

describe('SIGTERM under load', () => {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start();
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  it.each(APPS)(
    'guarantees that %s ends within 30 s with nothing lost and nothing doubled',
    async (app) => {
      line.sink.arrived.length = 0;
      line.sink.mischief = { delayMs: 100 };
      const load = line.load(200);
      await line.accepted(load, 50);
      const { code, seconds } = await line.product.end(app, 'SIGTERM');
      expect(code).toBe(0);
      expect(seconds).toBeLessThan(30);
      line.product.run(app);
      await line.product.ready();
      await load.done;
      const { doubled } = await line.drained(load, 30_000);
      expect(doubled).toBe(0);
      expect(line.inClear()).toBe(0);
    },
    120_000,
  );
});
