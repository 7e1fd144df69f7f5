import { ApiError } from '../problem/api-error.js';

const MATCH = /^(?:W\/)?"[\x21\x23-\x7e]*"$/;

/** The entity tag of a version: `"3"`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a write with this If-Match (RFC 9110 section 13.1.1) may replace: `null` for `*`, whatever is there.
 * Errors: `ERR_IF_MATCH_MISSING` (428), `ERR_IF_MATCH_MALFORMED` (400), `ERR_VERSION_STALE` (412) if the current version
 * is not in it.
 */
export function expectedVersion(ifMatch: string | undefined, current: number): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '') throw new ApiError('ERR_IF_MATCH_MISSING');
  if (ifMatch.trim() === '*') return null;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => MATCH.test(tag))) throw new ApiError('ERR_IF_MATCH_MALFORMED');
  if (!tags.includes(etagOf(current))) throw new ApiError('ERR_VERSION_STALE');
  return current;
}

/** Refuses a write without If-Match before anything is looked up. */
export function requireIfMatch(ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '') throw new ApiError('ERR_IF_MATCH_MISSING');
}
