import type { Path, Problems } from './problems.js';

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** An RFC 3339 time as UTC with milliseconds, or `null` where none is given. Leap seconds are refused. */
export function readTimestamp(input: unknown, path: Path, problems: Problems): string | null {
  if (input === undefined || input === null) return null;
  const parts = typeof input === 'string' ? RFC_3339.exec(input) : null;
  // A day or hour that is not there (30 February) comes back as another one, or not at all.
  const written = parts === null ? '' : `${parts[1] ?? ''}T${parts[2] ?? ''}.000Z`;
  if (parts !== null && isoOf(written) === written) return isoOf(parts[0].toUpperCase());
  problems.add(path, 'ERR_VALUE_INVALID', 'an RFC 3339 time like 2026-11-24T08:00:00Z, or null');
  return null;
}

function isoOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
