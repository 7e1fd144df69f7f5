import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastAnswer, rawHttp } from '../../../../test/support/raw-http.js';
import { answerUnreadable } from './unreadable-requests.js';

const ECHO: RequestListener = (request, response) => {
  request.on('error', () => undefined);
  request.resume().on('end', () => response.end(request.url));
};

describe('What is no request', () => {
  let server: Server | undefined;
  const refused: string[] = [];

  afterEach(async () => {
    refused.length = 0;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  const listen = async (listener: RequestListener = ECHO, options: ServerOptions = {}): Promise<number> => {
    server = createServer({ maxHeaderSize: 1_000, ...options }, listener);
    answerUnreadable(server, ({ code }, status) => refused.push(`${status} ${code}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const HEAD = 'POST /x HTTP/1.1\r\nHost: x\r\n';

  it.each([
    ['no request line', 'NONSENSE\r\n\r\n', 400, 'ERR_REQUEST_MALFORMED'],
    ['a header without a name', `${HEAD}: x\r\n\r\n`, 400, 'ERR_REQUEST_MALFORMED'],
    ['another protocol', 'EHLO client.example\r\n', 400, 'ERR_REQUEST_MALFORMED'],
    ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, 400, 'ERR_REQUEST_MALFORMED'],
    ['a chunk without size', `${HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 400, 'ERR_REQUEST_MALFORMED'],
    ['a head that is too large', `${HEAD}X: ${'x'.repeat(2_000)}\r\n\r\n`, 431, 'ERR_REQUEST_HEAD_TOO_LARGE'],
    [
      'a head that is too large, and megabytes behind it',
      `${HEAD}X: ${'x'.repeat(4_000_000)}\r\n\r\n`,
      431,
      'ERR_REQUEST_HEAD_TOO_LARGE',
    ],
    [
      'chunks with more than a size',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
      413,
      'ERR_BODY_TOO_LARGE',
    ],
  ])('is answered with a problem: %s', async (_name, text, status, code) => {
    const answer = lastAnswer(await rawHttp(await listen(), text));
    expect(answer).toMatchObject({
      status,
      contentType: expect.stringContaining('application/problem+json') as string,
    });
    expect(answer.json).toMatchObject({ status, code, type: `/problems/${code}` });
    expect(answer.json['errors']).toEqual(
      status === 400 ? [expect.objectContaining({ pointer: '', code })] : undefined,
    );
    expect(refused).toEqual([`${status} ${code}`]);
  });

  it('is told when it takes too long', async () => {
    const port = await listen(ECHO, { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 });
    expect(lastAnswer(await rawHttp(port, HEAD))).toMatchObject({
      status: 408,
      json: { code: 'ERR_REQUEST_TIMEOUT' },
    });
  });

  it('is answered behind the answer that was asked for before it', async () => {
    const answers = await rawHttp(await listen(), 'GET /first HTTP/1.1\r\nHost: x\r\n\r\n', 'NONSENSE\r\n\r\n');
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(answers).toContain('/first');
  });

  it('ends an answer that has begun, and nothing is written into it', async () => {
    const port = await listen((request, response) => {
      request.on('error', () => undefined);
      response.write('begun');
      request.resume();
    });
    const answers = await rawHttp(port, `${HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n`);
    expect(answers).not.toContain('problem');
  });
});
