import { isAppError } from '#lib/core';

/** The code of whatever was thrown, for metrics. */
export function codeOf(error: unknown): string {
  return isAppError(error) ? error.code : 'ERR_SMTP_UNEXPECTED';
}
