import { systemCodeOf } from '#lib/adapters';

/** SQLSTATE of a server that is away or has no connection left: class 08, 57P01 to 57P05, 53300. */
const SERVER_AWAY = /^(?:08...|57P0[1-5]|53300)$/;
const SOCKET_GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
const POOL_TEXTS =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|query read timeout/i;

/** Whether an error of `pg` says that the database cannot be reached, rather than that it has answered. */
export function isDatabaseAway(error: unknown): boolean {
  const code = systemCodeOf(error);
  if (SERVER_AWAY.test(code) || SOCKET_GONE.has(code)) return true;
  return code === 'UNKNOWN' && error instanceof Error && POOL_TEXTS.test(error.message);
}

/** The database has no room left (SQLSTATE 53100). */
export function isDiskFull(error: unknown): boolean {
  return systemCodeOf(error) === '53100';
}
