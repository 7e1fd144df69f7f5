import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** What the framework says, as lines of our log. Its own texts only: errors of requests go through `ApiLog`. */
export function nestLogger(logger: Logger): LoggerService {
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
