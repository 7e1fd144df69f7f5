import type { LoggerService } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import type { Logger } from 'pino';

/** Options of a standalone application: it says little, and throws what goes wrong. */
export function nestOptions(logger: Logger): NestApplicationContextOptions {
  return Object.assign(new NestApplicationContextOptions(), { logger: nestLogger(logger), abortOnError: false });
}

/** What the framework says, as quiet lines of our log. */
function nestLogger(logger: Logger): LoggerService {
  const line = (message: unknown): string => (typeof message === 'string' ? message : 'framework');
  const child = logger.child({ from: 'nest' });
  return {
    log: (message) => child.debug(line(message)),
    debug: (message) => child.debug(line(message)),
    verbose: (message) => child.trace(line(message)),
    warn: (message) => child.warn(line(message)),
    error: (message) => child.error(line(message)),
    fatal: (message) => child.fatal(line(message)),
  };
}
