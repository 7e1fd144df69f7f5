import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { ProcessSelf, StartError, systemCodeOf, type Running } from '#lib/adapters';
import type { ApiConfig } from '../config.js';
import { createApp } from '../create-app.js';
import { ApiMetrics } from '../health/api-metrics.js';
import type { Platform } from '../platform.js';
import { bringUp } from './bring-up.js';
import { buildPlatform } from './build-platform.js';

/** Requests that are under way get so long to end; 30 s are promised, with what comes after it. */
const GRACE_MS = 10_000;

/**
 * Starts the API: it listens at once, answers 503 until the database has been there, and reports itself from then on.
 * Error: `StartError`.
 */
export async function startApi(config: ApiConfig, logger: Logger, signal: AbortSignal): Promise<Running> {
  const built = await buildPlatform(config, logger);
  const app = await createApp(built.platform);
  await listen(app, config);
  const port = portOf(app.getHttpServer());
  logger.info({ port }, 'listens');
  process.send?.({ type: 'listening', port });
  const self = selfOf(built.platform, app.get(ApiMetrics));
  if (await bringUp(built.platform, signal)) {
    self.start();
    logger.info('is open');
  }
  return {
    close: async () => {
      const left = self.stop();
      await drain(app.getHttpServer());
      await left;
      await app.close();
      await built.close();
    },
  };
}

function selfOf(platform: Platform, metrics: ApiMetrics): ProcessSelf {
  return new ProcessSelf({
    id: platform.processId,
    app: 'api',
    processes: platform.stores.processes,
    state: () => ({}),
    metrics: () => metrics.registry.getMetricsAsJSON(),
    onTrouble: (error) => platform.log.trouble('process report', error),
  });
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
    if (code === 'EACCES') {
      throw new StartError(
        `Port ${httpPort} needs rights that this user has not: set SEALFLOW_HTTP_PORT to one above 1023.`,
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError('SEALFLOW_HOST is not an address of this machine.');
    }
    throw error;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** No new connections; what is under way ends, or is cut off when its time is over. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(late);
}
