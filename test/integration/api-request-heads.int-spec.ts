import { ApiServer } from '../support/api-server.js';
import { lastAnswer, rawHttp } from '../support/raw-http.js';

interface ProblemView {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

const MESSAGE = 'From: ann@clinic.example\r\nSubject: x\r\n\r\nHello\r\n';

describe('Heads of requests', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const port = (): number => Number(new URL(api.url).port);
  const recipients = (count: number): string =>
    Array.from(
      { length: count },
      (_, n) => `rcptTo=${`${n}-${'a'.repeat(60)}`.slice(0, 41)}@customer.example.org`,
    ).join('&');

  it('guarantees that a thousand recipients fit into the query', async () => {
    const query = `?mailFrom=ann@clinic.example&${recipients(1_000)}`;
    expect(query.length).toBeGreaterThan(68_000);
    const { status, json } = await api.submit(query, MESSAGE);
    expect(status).toBe(202);
    const message = await api.ask<{ recipients: unknown[] }>('GET', `/v1/messages/${json.id}`);
    expect(message.json.recipients).toHaveLength(1_000);
  });

  it('refuses one recipient more, and any number of parts of a query', async () => {
    for (const query of [recipients(1_001), `${'a=&'.repeat(5_000)}mailFrom=ann@clinic.example`]) {
      const answer = await api.ask<ProblemView>('POST', `/v1/messages?${query}`, {
        body: MESSAGE,
        headers: { 'content-type': 'message/rfc822' },
      });
      expect([answer.status, answer.json.code]).toEqual([422, 'ERR_REQUEST_INVALID']);
      expect(answer.json.errors?.length).toBeGreaterThan(0);
    }
  });

  it('says so when a head is too large', async () => {
    const text = await rawHttp(port(), `GET /v1/rules?x=${'x'.repeat(140 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(lastAnswer(text)).toMatchObject({
      status: 431,
      contentType: 'application/problem+json; charset=utf-8',
      json: { code: 'ERR_REQUEST_HEAD_TOO_LARGE', status: 431 },
    });
    expect((await api.ask('GET', '/problems/ERR_REQUEST_HEAD_TOO_LARGE')).status).toBe(200);
  });

  it.each([
    ['no request', 'NONSENSE\r\n\r\n'],
    ['a request without Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a path that cannot be decoded', 'GET /v1/rules/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ])('answers %s with a problem', async (_name, text) => {
    expect(lastAnswer(await rawHttp(port(), text))).toMatchObject({
      status: 400,
      contentType: 'application/problem+json; charset=utf-8',
      json: { code: 'ERR_REQUEST_MALFORMED', errors: [{ pointer: '', code: 'ERR_REQUEST_MALFORMED' }] },
    });
  });

  it('refuses a thousand wrong signatures', async () => {
    const { json } = await api.ask<{ url: string }>('POST', '/v1/connectors', {
      json: { name: 'Shop', provider: 'generic' },
    });
    const wrong = `v1,${Buffer.alloc(32, 1).toString('base64')}`;
    const answer = await api.ask<ProblemView>('POST', new URL(json.url).pathname, {
      json: { mailFrom: '', rcptTo: ['ann@clinic.example'], raw: 'AA==' },
      headers: {
        'webhook-id': 'x',
        'webhook-timestamp': `${Math.floor(Date.now() / 1000)}`,
        'webhook-signature': Array.from({ length: 1_000 }, () => wrong).join(' '),
      },
    });
    expect([answer.status, answer.json.code]).toEqual([401, 'ERR_WEBHOOK_SIGNATURE']);
  });
});
