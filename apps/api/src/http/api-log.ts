import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { errorFacts } from '#lib/adapters';
import type { AppError } from '#lib/core';
import { apiKeyOf, messageIdOf } from './api-request.js';

/**
 * The log of the API: JSON lines without anything that came in. Of a request the pattern of its route is written, not its
 * URL: that may hold addresses. Of an error the code and where it came from, not its text: that may hold values.
 */
export class ApiLog {
  constructor(readonly logger: Logger) {}

  /** Writes one line when the answer has gone out. */
  watch(request: Request, response: Response): void {
    const start = performance.now();
    response.once('close', () => {
      const { statusCode: status } = response;
      const line = { ...this.about(request), status, ms: Math.round(performance.now() - start) };
      if (status >= 500) this.logger.warn(line, 'request');
      else if (isQuiet(request)) this.logger.debug(line, 'request');
      else this.logger.info(line, 'request');
    });
  }

  /** An error that became an answer. */
  refused(error: AppError, status: number, request: Request): void {
    const line = { ...this.about(request), status, ...errorFacts(error) };
    if (status >= 500 && status !== 503) this.logger.error(line, error.publicText);
    else this.logger.debug(line, error.publicText);
  }

  /** What came in was no request. */
  unreadable(error: AppError, status: number): void {
    this.logger.debug({ status, ...errorFacts(error) }, error.publicText);
  }

  /** What the start waits for. */
  waits(what: string, code: string | undefined): void {
    this.logger.info({ what, code }, 'waits');
  }

  /** Something that people should know of their settings. */
  notice(text: string): void {
    this.logger.warn(text);
  }

  /** Trouble behind the back of any request. */
  trouble(what: string, error: unknown): void {
    this.logger.warn(errorFacts(error), what);
  }

  private about(request: Request): Record<string, unknown> {
    const messageId = messageIdOf(request);
    const apiKeyId = apiKeyOf(request)?.id;
    return {
      method: request.method,
      route: routeOf(request),
      ...(apiKeyId === undefined ? {} : { apiKeyId }),
      ...(messageId === undefined ? {} : { messageId }),
    };
  }
}

/** The pattern of the route that answered. */
export function routeOf(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  return typeof route?.path === 'string' ? `${request.baseUrl}${route.path}` : request.baseUrl || '(none)';
}

/** Asked every few seconds by machines. */
function isQuiet({ path }: Request): boolean {
  return path === '/healthz' || path === '/readyz' || path === '/metrics';
}
