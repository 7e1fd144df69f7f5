import { isAppError, type AppError } from '#lib/core';
import { AdapterError, systemCodeOf, type AdapterErrorCode } from '../errors.js';

/** SQLSTATE by what it means to us; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, AdapterErrorCode])[] = [
  // Connection lost, server going or starting, no connection left, no entry, no such database.
  [/^(?:08...|57P0[1-5]|53300|28...|3D000)$/, 'ERR_DATABASE_AWAY'],
  // A plan or a name of this connection is of no use any more (a migration ran): the next connection makes it anew.
  [/^(?:0A000|26000)$/, 'ERR_DATABASE_AWAY'],
  [/^(?:53100|58030)$/, 'ERR_DATABASE_FULL'],
  // Deadlock, serialization, lock or statement timeout, out of memory.
  [/^(?:40...|55P03|57014|53200|25P03)$/, 'ERR_DATABASE_BUSY'],
  // No such table, column, function or schema: another version of ours.
  [/^(?:42P01|42703|42883|3F000)$/, 'ERR_DATABASE_UNMIGRATED'],
  // Data exceptions and limits: the value is at fault.
  [/^(?:22...|54...)$/, 'ERR_DATABASE_VALUE'],
];
const SOCKET_GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);
/** What `pg` and its pool say without a code. */
const GONE_TEXTS =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|query read timeout|not queryable|after calling end/i;

/**
 * An error of ours for whatever `pg` or its pool threw; one of ours already is passed on. Texts and details of the server
 * may hold values of rows, so only its code and the names of things go along.
 */
export function asDatabaseError(error: unknown, statement?: string): AppError {
  if (isAppError(error)) return error;
  const detail = { ...namesIn(error), ...(statement === undefined ? {} : { statement }) };
  return new AdapterError(meaningOf(error), { detail });
}

/** Whether the error is about the database as a whole, so that trying parts of a batch alone is of no use. */
export function isOfWholeDatabase(error: unknown): boolean {
  const code = isAppError(error) ? error.code : meaningOf(error);
  return code !== 'ERR_DATABASE_VALUE' && code !== 'ERR_DATABASE_FAILED';
}

/** Whether the connection it came by must not be used again. */
export function isConnectionBroken(error: unknown): boolean {
  return meaningOf(error) === 'ERR_DATABASE_AWAY';
}

function meaningOf(error: unknown): AdapterErrorCode {
  const code = systemCodeOf(error);
  if (SOCKET_GONE.has(code)) return 'ERR_DATABASE_AWAY';
  if (code === 'UNKNOWN') {
    const isGone = error instanceof Error && GONE_TEXTS.test(error.message);
    return isGone ? 'ERR_DATABASE_AWAY' : 'ERR_DATABASE_FAILED';
  }
  return MEANINGS.find(([pattern]) => pattern.test(code))?.[1] ?? 'ERR_DATABASE_FAILED';
}

function namesIn(error: unknown): Record<string, string> {
  const names: Record<string, string> = { sqlState: systemCodeOf(error) };
  const told = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  for (const key of ['table', 'column', 'constraint']) {
    const name = told[key];
    if (typeof name === 'string') names[key] = name;
  }
  return names;
}
