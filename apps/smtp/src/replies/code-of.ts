import { AppError } from '#lib/core';

/** The code of whatever was thrown, for metrics. */
export function codeOf(error: unknown): string {
  return error instanceof AppError ? (error as AppError).code : 'ERR_SMTP_UNEXPECTED';
}
