import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCodeOf } from '#lib/adapters';
import { ApiError, type ApiErrorCode } from '../problem/api-error.js';
import { PROBLEM_MEDIA_TYPE, problemOf } from '../problem/problem.js';

/** How long what still comes is thrown away, so that the client gets to see the answer. */
const LINGER_MS = 2_000;

/** By what node:http says. Anything else is malformed. */
const CODES: ReadonlyMap<string, ApiErrorCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'ERR_REQUEST_HEAD_TOO_LARGE'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'ERR_BODY_TOO_LARGE'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'ERR_REQUEST_TIMEOUT'],
]);

/** Answers with a problem (400, 408, 413, 431) what node:http cannot read as a request, and closes the connection. */
export function answerUnreadable(server: Server, onRefused: (error: ApiError, status: number) => void): void {
  const lastAnswers = new WeakMap<Duplex, ServerResponse>();
  const given = new WeakSet<Duplex>();
  server.on('request', (request, response) => void lastAnswers.set(request.socket, response));
  server.on('clientError', (cause, socket) => {
    // Whatever comes behind it is as unreadable.
    if (given.has(socket)) return;
    given.add(socket);
    const error = new ApiError(CODES.get(systemCodeOf(cause)) ?? 'ERR_REQUEST_MALFORMED', { cause });
    const last = lastAnswers.get(socket);
    const answer = (): void => {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const { problem } = problemOf(error);
      onRefused(error, problem.status);
      socket.end(answerText(problem.status, JSON.stringify(problem)));
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    };
    if (last === undefined || last.writableFinished) answer();
    else if (last.req.complete) last.once('finish', answer);
    else if (last.headersSent) socket.destroy();
    else {
      // The rest of its body cannot be read: whoever waits for it is told by the end of the connection.
      socket.once('finish', () => socket.destroy());
      answer();
    }
  });
}

function answerText(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    '',
    body,
  ].join('\r\n');
}
