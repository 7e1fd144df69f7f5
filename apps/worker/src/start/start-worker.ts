import { NestFactory } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { nestOptions, ProcessSelf, waitForKeys, type Running } from '#lib/adapters';
import { systemClock } from '#lib/core';
import type { Kms } from '#lib/flow';
import { concurrencyOf, type WorkerSettings } from '../config.js';
import { consumeAll } from '../jobs/consume-all.js';
import { JobRunner } from '../jobs/job-runner.js';
import { startPasses } from '../passes/start-passes.js';
import { WorkerModule } from '../worker.module.js';
import { buildWorker, type BuiltWorker } from './build-worker.js';
import { WorkerLog } from './worker-log.js';

/** Messages in hand get so long; 30 s are promised, with what comes after it. */
const GRACE_MS = 20_000;
const ENQUEUE_MS = 1_000;

/** Starts a worker: waits for database, keys and the first organization, then works. Errors: `ConfigError`, `StartError`. */
export async function startWorker(config: WorkerSettings, logger: Logger, signal: AbortSignal): Promise<Running> {
  const log = new WorkerLog(logger);
  const built = await buildWorker(config, log);
  const kms = await waitForKeys({
    database: built.database,
    kmsUrl: config.storage.kmsUrl,
    signal,
    onWait: (what, error) => logger.info({ what, code: error?.code }, 'waits'),
  });
  return kms === undefined ? built : await work(config, built, kms, log);
}

async function work(config: WorkerSettings, built: BuiltWorker, kms: Kms, log: WorkerLog): Promise<Running> {
  const concurrency = concurrencyOf(config);
  const app = await NestFactory.createApplicationContext(
    WorkerModule.on(built, kms, concurrency, log),
    nestOptions(log.logger),
  );
  const runner = app.get(JobRunner);
  const self = app.get(ProcessSelf);
  const consumers = consumeAll(built.queue, (queue, job) => runner.work(queue, job), concurrency);
  const passes = startPasses({
    record: built.database.record,
    housekeeping: built.database.housekeeping,
    blobs: built.blobs,
    queue: built.queue,
    enqueue: built.enqueue,
    clock: systemClock,
    retentionDays: config.storage.retentionDays,
    onTrouble: (pass, error) => log.trouble(`pass ${pass}`, error),
  });
  self.start();
  log.logger.info({ concurrency, relay: built.relay.isConfigured }, 'works');
  process.send?.({ type: 'working' });
  return {
    close: async () => {
      runner.stop();
      await Promise.all([
        self.stop(),
        ...passes.map((pass) => pass.stop()),
        ...consumers.map((consumer) => consumer.close({ graceMs: GRACE_MS })),
      ]);
      await runner.giveBackRest();
      await Promise.race([built.enqueue.idle(), delay(ENQUEUE_MS)]);
      await app.close();
      await built.close();
    },
  };
}
