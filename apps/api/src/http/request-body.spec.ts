import type { Request, Response } from 'express';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastAnswer, rawHttp } from '../../../../test/support/raw-http.js';
import { lingerAfter, requestBody } from './request-body.js';

const PACE = { patienceMs: 100, bytesPerMs: 1 };
const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\n';

describe('requestBody', () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        let bytes = 0;
        for await (const piece of requestBody(request as Request, PACE)) bytes += piece.length;
        response.end(`{"bytes":${bytes}}`);
      };
      answer().catch((error: unknown) => {
        lingerAfter(request as Request, response as Response, 100);
        const text = JSON.stringify(error);
        response.writeHead(408, { 'Content-Length': text.length }).end(text);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = async (...pieces: string[]) => {
    const { port } = server.address() as AddressInfo;
    return lastAnswer(await rawHttp(port, ...pieces));
  };

  it('gives a body as it comes', async () => {
    const answer = await ask(`${HEAD}Connection: close\r\nContent-Length: 10\r\n\r\n12345`, '67890');
    expect(answer).toMatchObject({ status: 200, json: { bytes: 10 } });
  });

  it('guarantees that a body that does not come ends in an answer, and the connection with it', async () => {
    expect(await ask(`${HEAD}Content-Length: 10\r\n\r\n12345`)).toMatchObject({
      status: 408,
      json: { code: 'ERR_REQUEST_TIMEOUT' },
    });
  });
});
