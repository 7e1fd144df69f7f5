import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { runProcess } from '#lib/adapters';
import { environmentOfOne, readWorkerConfig } from './config.js';
import { startProcesses } from './processes/start-processes.js';
import { startWorker } from './start/start-worker.js';

await runProcess('worker', async (logger, signal) => {
  const config = readWorkerConfig();
  const { workerProcesses = 1 } = config.worker;
  if (workerProcesses === 1) return await startWorker(config, logger, signal);
  return startProcesses(
    { main: fileURLToPath(import.meta.url), count: workerProcesses, environment: environmentOfOne() },
    logger,
  );
});
