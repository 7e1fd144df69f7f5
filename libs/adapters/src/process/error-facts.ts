import { systemCodeOf } from '../errors.js';

/** What a log may say of any error: names, codes, and where in our code it came from; its text may hold values. */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: 'UNKNOWN' };
  const { detail, cause } = error as { detail?: unknown; cause?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    code: systemCodeOf(error),
    ...(typeof detail === 'object' && detail !== null ? { detail } : {}),
    at: frames.slice(0, 6).map((line) => line.trim()),
    ...(cause === undefined ? {} : { cause: errorFacts(cause) }),
  };
}
