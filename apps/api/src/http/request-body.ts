import type { Request, Response } from 'express';
import type { Server } from 'node:http';
import { ApiError } from '../problem/api-error.js';
import { inTime, type Pace } from './body-pace.js';

/** How long, and how much of, a body that nobody wants is read to its end before the connection is closed. */
const LINGER_MS = 5_000;
const LINGER_BYTES_MAX = 16 * 1024 * 1024;

/** Requests whose client waits for a "100 Continue" (RFC 9110 section 10.1.1) before it sends the body. */
const waiting = new WeakMap<object, () => void>();

/** Lets a client that asks first send its body only when the body is wanted: after authentication and all checks. */
export function answerExpectations(server: Server): void {
  server.on('checkContinue', (request, response) => {
    waiting.set(request, () => response.writeContinue());
    server.emit('request', request, response);
  });
}

/**
 * The body as a stream, to be read once. It never holds more than what the socket brought.
 * Errors: `ERR_REQUEST_CANCELLED`, `ERR_REQUEST_TIMEOUT` if it comes too slowly.
 */
export async function* requestBody(request: Request, pace?: Pace): AsyncGenerator<Uint8Array, void, undefined> {
  waiting.get(request)?.();
  waiting.delete(request);
  try {
    // A stream that is left early must not be destroyed: the answer goes over the same socket.
    yield* inTime(request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>, pace);
  } catch (cause) {
    throw cause instanceof ApiError ? cause : new ApiError('ERR_REQUEST_CANCELLED', { cause });
  }
}

/** The body whole, if it has at most `sizeBytesMax` bytes. Errors: `ERR_BODY_TOO_LARGE`, and those of {@link requestBody}. */
export async function readBody(request: Request, sizeBytesMax: number): Promise<Buffer> {
  refuseLarge(request, sizeBytesMax);
  const pieces: Uint8Array[] = [];
  for await (const piece of limitedBody(request, sizeBytesMax)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The body as a stream that ends with `ERR_BODY_TOO_LARGE` as soon as more than `sizeBytesMax` bytes have come. */
export async function* limitedBody(
  request: Request,
  sizeBytesMax: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sizeBytes = 0;
  for await (const piece of requestBody(request)) {
    sizeBytes += piece.length;
    if (sizeBytes > sizeBytesMax) throw new ApiError('ERR_BODY_TOO_LARGE', { detail: { sizeBytesMax } });
    yield piece;
  }
}

/** Refuses a body that says it is too large before any of it is read. */
export function refuseLarge(request: Request, sizeBytesMax: number): void {
  if (Number(request.headers['content-length'] ?? 0) > sizeBytesMax) {
    throw new ApiError('ERR_BODY_TOO_LARGE', { detail: { sizeBytesMax } });
  }
}

/**
 * For an answer that comes before the end of the body: what is still under way is read and thrown away for a while, so
 * that the client gets to see the answer, and then the connection is closed.
 */
export function lingerAfter(request: Request, response: Response, lingerMs = LINGER_MS): void {
  if (request.complete) return;
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    let sizeBytes = 0;
    const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
    request.on('data', (piece: Uint8Array) => {
      sizeBytes += piece.length;
      if (sizeBytes > LINGER_BYTES_MAX) request.socket.destroy();
    });
    request.once('close', () => clearTimeout(timer));
    request.on('error', () => undefined);
    request.resume();
  });
}
