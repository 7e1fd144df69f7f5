import type { Request } from 'express';
import { ApiError } from '../problem/api-error.js';

/**
 * The media type of the body in lower case, without parameters. Errors: `ERR_MEDIA_TYPE_UNSUPPORTED` if it is none of
 * those allowed, or if the body is compressed.
 */
export function mediaTypeOf<T extends string>(request: Pick<Request, 'headers'>, allowed: readonly T[]): T {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  const found = allowed.find((one) => one === type.trim().toLowerCase());
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (found === undefined || encoding.toLowerCase() !== 'identity') {
    throw new ApiError('ERR_MEDIA_TYPE_UNSUPPORTED', {
      problems: [
        { pointer: '/Content-Type', code: 'ERR_MEDIA_TYPE_UNSUPPORTED', message: takes(allowed, type.trim()) },
      ],
    });
  }
  return found;
}

/** What curl says of a body unless it is told otherwise. */
const OF_CURL = 'application/x-www-form-urlencoded';

function takes(allowed: readonly string[], given: string): string {
  const text = `takes ${allowed.join(' or ')}, uncompressed`;
  if (given.toLowerCase() !== OF_CURL) return text;
  return `${text}; with curl: --header 'Content-Type: ${allowed[0] ?? ''}' --data-binary @file (--data takes out line ends)`;
}

/** Whether the request has a body at all. */
export function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}
