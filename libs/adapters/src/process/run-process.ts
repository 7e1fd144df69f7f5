import type { Logger } from 'pino';
import { ConfigError } from '../config/read-config.js';
import { systemCodeOf } from '../errors.js';
import { makeLogger } from '../telemetry/make-logger.js';
import { errorFacts } from './error-facts.js';
import { StartError } from './start-error.js';

/** SIGTERM promises an end within 30 s. */
const END_MS = 29_000;

/** A process of ours that runs. */
export interface Running {
  /** Ends what is open, in an order that loses nothing. */
  close(): Promise<void>;
}

/**
 * Runs a process of ours until it is told to end: SIGTERM, SIGINT, or a supervisor that is gone. `start` is given a
 * signal that says so while it still starts. Exit code 0; 1 with one sentence if it cannot start, and never a bare stack.
 */
export async function runProcess(
  app: string,
  start: (logger: Logger, signal: AbortSignal) => Promise<Running>,
): Promise<void> {
  const logger = makeLogger(app);
  // Output that nobody reads any more is no reason to die before the work is put down.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const end = new AbortController();
  const told = new Promise<void>((resolve) => {
    const stop = (why: string): void => {
      if (end.signal.aborted) return;
      logger.info({ why }, 'ends');
      setTimeout(() => process.exit(0), END_MS).unref();
      end.abort();
      resolve();
    };
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
    process.once('disconnect', () => stop('supervisor gone'));
  });
  process.on('uncaughtException', (error) => {
    logger.fatal(errorFacts(error), 'ends by a defect');
    process.exit(1);
  });
  // Nothing that we wait for keeps a process alive by itself.
  const life = setInterval(() => undefined, 2 ** 30);
  try {
    const running = await start(logger, end.signal);
    await told;
    clearInterval(life);
    await running.close();
  } catch (error) {
    if (end.signal.aborted) logger.error(errorFacts(error), 'while ending');
    else fail(app, error, logger);
  }
  process.exit();
}

function fail(app: string, error: unknown, logger: Logger): void {
  process.exitCode = 1;
  if (error instanceof ConfigError || error instanceof StartError) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  logger.fatal(errorFacts(error), 'cannot start');
  process.stderr.write(`Sealflow's ${app} cannot start (${systemCodeOf(error)}); its log has the place.\n`);
}
