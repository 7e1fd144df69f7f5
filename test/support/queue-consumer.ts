/** A consumer as a process of its own: says over IPC what it began and finished. `hang`: never finishes a job. */
import { BullQueue } from '#lib/adapters';
import { Secret } from '#lib/core';

const settings = JSON.parse(process.argv[2] ?? '{}') as { redisUrl?: string; databaseUrl?: string; hang: boolean };

const queue = new BullQueue({
  redisUrl: settings.redisUrl === undefined ? undefined : new Secret(settings.redisUrl),
  databaseUrl: settings.databaseUrl === undefined ? undefined : new Secret(settings.databaseUrl),
});
const consumer = queue.consume(
  'process',
  async ({ ids }) => {
    process.send?.({ began: ids });
    if (settings.hang) await new Promise(() => undefined);
    process.send?.({ finished: ids });
  },
  { concurrency: 4 },
);
process.on('SIGTERM', () => {
  void queue.close({ graceMs: 500 }).then(() => process.exit(0));
});
await consumer.ready();
process.send?.({ ready: true });
