import type { Logger } from 'pino';
import { errorFacts } from '#lib/adapters';
import { isAppError } from '#lib/core';

/** The log of the door: JSON lines without addresses of people or content. */
export class DoorLog {
  constructor(readonly logger: Logger) {}

  /** A message is ours; its id joins the lines of all processes. */
  accepted(messageId: string): void {
    this.logger.info({ messageId }, 'accepted');
  }

  /** What a client was refused, or a connection that broke. */
  refused(error: unknown): void {
    const facts = errorFacts(error);
    if (isOfConnection(error)) this.logger.debug({ code: facts['code'] }, 'connection');
    else if (isAppError(error) && error.kind === 'invalid') this.logger.info({ code: facts['code'] }, 'refused');
    else this.logger.warn(facts, 'refused');
  }

  /** Trouble behind the back of any client. */
  trouble(what: string, error: unknown): void {
    this.logger.warn(errorFacts(error), what);
  }
}

/** Clients go away, and TLS handshakes fail, all the time. */
function isOfConnection(error: unknown): boolean {
  if (isAppError(error)) return error.code === 'ERR_SMTP_CLIENT_GONE';
  return error instanceof Error && ('remoteAddress' in error || 'meta' in error);
}
