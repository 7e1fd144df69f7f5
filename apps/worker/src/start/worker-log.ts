import type { Logger } from 'pino';
import { errorFacts } from '#lib/adapters';
import { isAppError } from '#lib/core';

/** The log of the worker: JSON lines; what is said of a message is its id, never content or addresses. */
export class WorkerLog {
  constructor(readonly logger: Logger) {}

  /** An error about a message that the line dealt with: it is tried again, or held. */
  ofMessage(error: unknown, about: { readonly messageId: string; readonly organizationId: string }): void {
    const facts = errorFacts(error);
    const isExpected = isAppError(error) && error.kind === 'invalid';
    if (isExpected) this.logger.info({ ...about, code: facts['code'] }, 'message');
    else this.logger.warn({ ...about, ...facts }, 'message');
  }

  /** What became of a message. */
  settled(line: Readonly<Record<string, unknown>>): void {
    this.logger.info(line, 'settled');
  }

  trouble(what: string, error: unknown): void {
    this.logger.warn(errorFacts(error), what);
  }
}
