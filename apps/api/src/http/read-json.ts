import { ApiError } from '../problem/api-error.js';
import { jsonDepth } from './json-depth.js';

/** A rule may nest its conditions 64 levels deep, each an object in an array; nothing of ours needs more. */
const DEPTH_MAX = 500;

/**
 * JSON (RFC 8259) in UTF-8, with or without a byte order mark. Errors: `ERR_JSON_MALFORMED`, also for bytes that are not
 * UTF-8, and `ERR_JSON_TOO_DEEP`.
 */
export function readJson(bytes: Uint8Array): unknown {
  if (jsonDepth(bytes) > DEPTH_MAX) throw new ApiError('ERR_JSON_TOO_DEEP', { detail: { depthMax: DEPTH_MAX } });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The error of JSON.parse quotes the body.
    throw new ApiError('ERR_JSON_MALFORMED');
  }
}
