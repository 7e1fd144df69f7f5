import { AppError } from '#lib/core';
import { HttpException } from '@nestjs/common';
import { ApiError, type RequestProblem } from './api-error.js';
import { statusOf } from './problem-table.js';

/** An answer of RFC 9457. `type` names a page that says what the code means. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly RequestProblem[];
}

const RETRY_AFTER_SECONDS = 5;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Turns whatever was thrown into what the caller may see of it: a code and a constant sentence, nothing from inside. */
export function problemOf(error: unknown): { readonly problem: Problem; readonly retryAfterSeconds?: number } {
  const known = asAppError(error);
  const status = known instanceof ApiError ? (known.status ?? statusOf(known.code)) : statusOf(known.code);
  const problems = problemsOf(known, status);
  const problem: Problem = {
    type: `/problems/${known.code}`,
    title: known.publicText,
    status,
    detail: [
      detailOf(known.publicText, problems),
      ...(known instanceof ApiError ? [known.hint ?? []].flat() : []),
    ].join(' '),
    code: known.code,
    ...(problems.length === 0 ? {} : { errors: problems }),
  };
  const wait = known instanceof ApiError ? known.retryAfterSeconds : undefined;
  const isTemporary = status === 429 || status === 503 || status === 507;
  return wait === undefined && !isTemporary ? { problem } : { problem, retryAfterSeconds: wait ?? RETRY_AFTER_SECONDS };
}

/** What is at fault where a code says it and no list of problems does; any other is about the whole request. */
const AT_FAULT: ReadonlyMap<string, string> = new Map([
  ['ERR_CURSOR_INVALID', '/cursor'],
  ['ERR_IDEMPOTENCY_CONFLICT', '/Idempotency-Key'],
  ['ERR_IF_MATCH_MALFORMED', '/If-Match'],
]);

/** Every problem of the input; where it is bad, at least one. */
export function problemsOf(error: Pick<AppError, 'code' | 'publicText'>, status: number): readonly RequestProblem[] {
  if (error instanceof ApiError && error.problems.length > 0) return error.problems;
  if (status !== 400 && status !== 422) return [];
  return [{ pointer: AT_FAULT.get(error.code) ?? '', code: error.code, message: error.publicText }];
}

/** The first problem in words. */
export function detailOf(title: string, problems: readonly RequestProblem[]): string {
  const [first] = problems;
  if (first === undefined) return title;
  const where = first.pointer === '' ? '' : `${first.pointer}: `;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  return `${where}${first.message}${more}`;
}

/** The error as one of ours; what is none of ours is a defect. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error as AppError;
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error);
  if (error instanceof URIError) return new ApiError('ERR_REQUEST_MALFORMED', { cause: error });
  return new ApiError('ERR_SERVER_FAILED', { cause: error });
}

/** What the framework itself refuses. */
function ofStatus(status: number, cause: HttpException): ApiError {
  if (status === 404) return new ApiError('ERR_ROUTE_UNKNOWN', { cause });
  if (status === 403) return new ApiError('ERR_METHOD_REFUSED', { cause });
  if (status === 413) return new ApiError('ERR_BODY_TOO_LARGE', { cause });
  if (status === 415) return new ApiError('ERR_MEDIA_TYPE_UNSUPPORTED', { cause });
  return new ApiError(status < 500 ? 'ERR_REQUEST_MALFORMED' : 'ERR_SERVER_FAILED', { cause });
}
