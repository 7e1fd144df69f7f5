import { createServer, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { NextFunction, Request } from 'express';
import { ApiError } from '../problem/api-error.js';

/** Request line and header together: a thousand recipients in a query fit. */
export const HEAD_BYTES_MAX = 128 * 1024;
/** More than any query may have that is taken, so that nothing wrong stands behind what is read. */
const QUERY_PARTS_MAX = 2_000;

/** Express on a server of node:http with our limits. What needs an answer of ours is left to us. */
export class HttpAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    const express = this.getInstance<Express>();
    express.set('query parser', (text: string) => parse(text, '&', '=', { maxKeys: QUERY_PARTS_MAX }));
    this.httpServer = createServer({ maxHeaderSize: HEAD_BYTES_MAX, requireHostHeader: false }, express);
  }
}

type Express = ((request: unknown, response: ServerResponse) => void) & { set(name: string, value: unknown): void };

/** HTTP/1.1 without Host is malformed (RFC 9112 section 3.2). Error: `ERR_REQUEST_MALFORMED`. */
export function requireHost(request: Request, _response: unknown, next: NextFunction): void {
  if (request.httpVersion === '1.1' && request.headers.host === undefined) throw new ApiError('ERR_REQUEST_MALFORMED');
  next();
}
