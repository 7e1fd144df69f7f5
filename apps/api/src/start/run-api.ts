import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { systemCodeOf } from '#lib/adapters';
import type { ApiConfig } from '../config.js';
import { createApp } from '../create-app.js';
import { errorFacts } from '../http/api-log.js';
import { bringUp } from './bring-up.js';
import { buildPlatform, type BuiltPlatform } from './build-platform.js';
import { ProcessSelf } from './process-self.js';
import { StartError } from './start-error.js';

/** Requests that are under way get so long to end; 30 s are promised, with what comes after it. */
const GRACE_MS = 20_000;
const END_MS = 29_000;

/**
 * Runs the API until it is told to end. Resolves when it listens; the database may come later. Error: `StartError`.
 */
export async function runApi(config: ApiConfig, logger: Logger): Promise<void> {
  const built = await buildPlatform(config, logger);
  const app = await createApp(built.platform);
  await listen(app, config);
  logger.info({ port: portOf(app) }, 'listens');
  const end = new AbortController();
  const self = app.get(ProcessSelf);
  let isEnding = false;
  const stop = (why: string): void => {
    if (isEnding) return;
    isEnding = true;
    end.abort();
    logger.info({ why }, 'ends');
    void shutDown(app, self, built, logger);
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // Started by a supervisor that is gone.
  process.once('disconnect', () => stop('supervisor gone'));
  process.send?.({ type: 'listening', port: portOf(app) });
  await bringUp(built.platform, end.signal);
  if (end.signal.aborted) return;
  self.start();
  logger.info('is open');
}

async function listen(app: NestExpressApplication, { listen: { host, httpPort } }: ApiConfig): Promise<void> {
  try {
    await app.listen(httpPort, host);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${httpPort} is taken by another program: set SEALFLOW_HTTP_PORT to a free one, or end that program.`,
      );
    }
    if (code === 'EACCES')
      throw new StartError(
        `Port ${httpPort} needs rights that this user has not: set SEALFLOW_HTTP_PORT to one above 1023.`,
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError('SEALFLOW_HOST is not an address of this machine.');
    }
    throw error;
  }
}

function portOf(app: NestExpressApplication): number {
  const address = app.getHttpServer().address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** No new connections, what is under way ends, then what is behind it; exit code 0. */
async function shutDown(
  app: NestExpressApplication,
  self: ProcessSelf,
  built: BuiltPlatform,
  logger: Logger,
): Promise<void> {
  setTimeout(() => process.exit(0), END_MS).unref();
  try {
    await self.stop();
    await drain(app.getHttpServer());
    await built.close();
  } catch (error) {
    logger.error(errorFacts(error), 'while ending');
  }
  process.exit(0);
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(late);
}
