import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Server } from 'node:http';
import { nestOptions } from '#lib/adapters';
import { ApiModule } from './api.module.js';
import { Authenticator } from './auth/authenticator.js';
import { checkRoutes } from './auth/check-routes.js';
import { ApiMetrics } from './health/api-metrics.js';
import { HttpAdapter, requireHost } from './http/http-adapter.js';
import { answerExpectations } from './http/request-body.js';
import { securityHeaders } from './http/security-headers.js';
import { answerUnreadable } from './http/unreadable-requests.js';
import { serveDocs } from './openapi/serve-docs.js';
import type { Platform } from './platform.js';
import { QUEUES_PATH } from './queues/queue-board.js';
import { queuesHandler } from './queues/queues-gate.js';

/** Longer than proxies hold a connection that nobody uses, so that it is never we who close the one they take next. */
const KEEP_ALIVE_MS = 65_000;

/** Puts the API together, without listening yet. Nothing reads a body but the route that wants it. */
export async function createApp(platform: Platform): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    ApiModule.on(platform),
    new HttpAdapter(),
    Object.assign(nestOptions(platform.log.logger), { bodyParser: false }),
  );
  const { trustedProxies } = platform.config.public;
  app.set('trust proxy', trustedProxies.length === 0 ? false : trustedProxies);
  app.set('etag', false);
  app.disable('x-powered-by');
  const metrics = app.get(ApiMetrics);
  app.use((request: Request, response: Response, next: NextFunction) => {
    platform.log.watch(request, response);
    metrics.watch(request, response);
    next();
  });
  app.use(securityHeaders);
  app.use(requireHost);
  app.use(QUEUES_PATH, queuesHandler(platform, app.get(Authenticator)));
  checkRoutes(app);
  serveDocs(app);
  const server: Server = app.getHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  answerExpectations(server);
  answerUnreadable(server, (error, status) => platform.log.unreadable(error, status));
  await app.init();
  return app;
}
