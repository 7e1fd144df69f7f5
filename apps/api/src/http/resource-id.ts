import { isId } from '#lib/core';
import { ApiError } from '../problem/api-error.js';

/** What stands in a path as an id; anything else names nothing. Error: `ERR_RESOURCE_UNKNOWN` (404). */
export function resourceId(text: string): string {
  const id = text.toLowerCase();
  if (!isId(id)) throw new ApiError('ERR_RESOURCE_UNKNOWN');
  return id;
}

/** What was looked up, if it is there. Error: `ERR_RESOURCE_UNKNOWN` (404). */
export function there<T>(found: T | undefined): T {
  if (found === undefined) throw new ApiError('ERR_RESOURCE_UNKNOWN');
  return found;
}
