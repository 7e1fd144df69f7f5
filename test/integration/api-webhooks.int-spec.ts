import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fixedClock } from '#lib/core';
import { ApiServer, type Answer } from '../support/api-server.js';
import { describeWith } from '../support/tools.js';

interface ConnectorView {
  readonly id: string;
  readonly version: number;
  readonly url: string;
  readonly secret?: string;
  readonly trusted: boolean;
  readonly enabled: boolean;
}

interface ProblemView {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

const MESSAGE = 'From: shop@elsewhere.example\nTo: ann@clinic.example\nSubject: x\n\nHello\n';
const LARGEST = 300_000;

describe('Webhooks', () => {
  let api: ApiServer;
  const clock = fixedClock(new Date());

  beforeAll(async () => {
    api = await ApiServer.start({ parts: { clock }, environment: { SEALFLOW_MESSAGE_SIZE_MAX: `${LARGEST}` } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const connect = async (more: object = {}): Promise<ConnectorView> =>
    (await api.ask<ConnectorView>('POST', '/v1/connectors', { json: { name: 'Shop', provider: 'generic', ...more } }))
      .json;
  const pathOf = ({ url }: ConnectorView): string => new URL(url).pathname;
  const listed = async () =>
    (await api.ask<{ items: { id: string; source: string }[] }>('GET', '/v1/messages?limit=200')).json.items.length;

  interface Sent {
    readonly raw?: string | Buffer;
    readonly id?: string;
    readonly at?: number;
    readonly secret?: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
    readonly below?: string;
  }

  async function send(connector: ConnectorView, sent: Sent = {}): Promise<Answer<{ id?: string; code?: string }>> {
    const {
      id = `msg_${randomUUID()}`,
      at = Math.floor(clock.now().getTime() / 1000),
      secret = connector.secret ?? '',
    } = sent;
    const raw = Buffer.from(sent.raw ?? MESSAGE).toString('base64');
    const body =
      sent.body ?? JSON.stringify({ mailFrom: 'shop@elsewhere.example', rcptTo: ['ann@clinic.example'], raw, more: 1 });
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
    return await api.ask('POST', `${pathOf(connector)}${sent.below ?? ''}`, {
      body,
      headers: {
        authorization: 'Bearer of no matter',
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': `${at}`,
        'webhook-signature': `v1,${signature}`,
        ...sent.headers,
      },
    });
  }

  it('come in by a connector, whose secret is shown once', async () => {
    const made = await api.ask<ConnectorView>('POST', '/v1/connectors', {
      json: { name: 'Shop', direction: 'in', provider: 'generic', trusted: false },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.json).toMatchObject({
      direction: 'in',
      provider: 'generic',
      trusted: false,
      enabled: true,
      url: `http://localhost:3000/v1/ingest/generic/${made.json.id}`,
      secret: expect.stringMatching(/^whsec_/),
    });
    const read = await api.ask(`GET`, `/v1/connectors/${made.json.id}`);
    expect(read.text).not.toContain('whsec_');
    expect((await api.ask('GET', '/v1/connectors')).text).not.toContain('whsec_');
    const own = await connect({ secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` });
    expect(own).not.toHaveProperty('secret');
    expect((await send({ ...own, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` })).status).toBe(202);
  });

  it.each([
    [{ provider: 'nobody' }, '/provider'],
    [{ secret: 'whsec_%' }, '/secret'],
    [{ secret: '' }, '/secret'],
    [{ trusted: 'yes' }, '/trusted'],
    [{ trusted: null }, '/trusted'],
    [{ direction: 'out' }, '/direction'],
    [{ name: '' }, '/name'],
    [{ colour: 'red' }, '/colour'],
  ])('are not made of %j', async (wrong, pointer) => {
    const answer = await api.ask<ProblemView>('POST', '/v1/connectors', {
      json: { name: 'x', provider: 'generic', ...wrong },
    });
    expect([answer.status, answer.json.errors?.map((one) => one.pointer)]).toEqual([422, [pointer]]);
  });

  it('say what a secret must be, and name each fault of a body that is rightly signed', async () => {
    const secret = await api.ask<ProblemView>('POST', '/v1/connectors', {
      json: { name: 'x', provider: 'generic', secret: 'whsec_AAAA' },
    });
    expect(secret.json.errors).toMatchObject([
      { pointer: '/secret', message: 'must be whsec_ and the base64 of 16 to 512 bytes' },
    ]);
    const body = JSON.stringify({ mailFrom: 'shop', rcptTo: ['ann@clinic.example', 'x'], raw: 'aGk=' });
    const { status, json } = await send(await connect(), { body });
    expect([status, (json as ProblemView).errors?.map(({ pointer }) => pointer)]).toEqual([
      400,
      ['/mailFrom', '/rcptTo/1'],
    ]);
  });

  it('are ours with 202, as mail of a stranger or of one who is trusted', async () => {
    for (const trusted of [false, true]) {
      const connector = await connect({ trusted });
      const { status, json } = await send(connector);
      expect(status).toBe(202);
      const view = await api.ask('GET', `/v1/messages/${json.id ?? ''}`);
      expect(view.json).toMatchObject({
        source: 'webhook',
        mailFrom: 'shop@elsewhere.example',
        sizeBytes: MESSAGE.replaceAll('\n', '\r\n').length,
        recipients: [{ address: 'ann@clinic.example' }],
      });
      const [accepted] = await api.database.record.claim('process', api.organizationId, [json.id ?? '']);
      expect(accepted?.connection).toMatchObject({
        source: 'webhook',
        isAuthenticated: trusted,
        isTrustedNetwork: false,
        connectorId: connector.id,
      });
    }
  });

  it('guarantees that a repeat gets the same answer and has no second effect, and other content is refused', async () => {
    const connector = await connect();
    const first = await send(connector, { id: 'msg_once' });
    const before = await listed();
    const again = await Promise.all(Array.from({ length: 4 }, () => send(connector, { id: 'msg_once' })));
    expect(again.map(({ status, json }) => [status, json.id])).toEqual(Array(4).fill([202, first.json.id]));
    expect(await listed()).toBe(before);
    const other = await send(connector, { id: 'msg_once', raw: 'Subject: other\n\n' });
    expect([other.status, other.json.code]).toEqual([409, 'ERR_WEBHOOK_REPLAYED']);
    const elsewhere = await send(await connect(), { id: 'msg_once' });
    expect(elsewhere.json.id).not.toBe(first.json.id);
  });

  it('guarantees that nothing is kept of what is not signed, stale, or no message', async () => {
    const connector = await connect();
    const before = await listed();
    const now = Math.floor(clock.now().getTime() / 1000);
    const wrong: readonly (readonly [Sent, number])[] = [
      [{ secret: `whsec_${Buffer.alloc(32).toString('base64')}` }, 401],
      [{ headers: { 'webhook-signature': 'v1,' } }, 401],
      [{ headers: { 'webhook-id': 'another' } }, 401],
      [{ at: now - 301 }, 401],
      [{ at: now + 302 }, 401],
      [{ body: '{' }, 400],
      [{ body: '{"mailFrom":"a@x.example","rcptTo":[],"raw":"eA=="}' }, 400],
      [{ headers: { 'content-type': 'text/plain' } }, 415],
      [{ raw: 'x'.repeat(LARGEST + 1) }, 413],
      [{ body: `{"raw":"${'A'.repeat(4_000_000)}"}` }, 413],
    ];
    for (const [sent, status] of wrong) {
      const answer = await send(connector, sent);
      expect([Object.keys(sent), answer.status]).toEqual([Object.keys(sent), status]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect(await listed()).toBe(before);
    expect((await send(connector, { at: now - 299 })).status).toBe(202);
    expect((await send(connector, { raw: 'x'.repeat(200_000) })).status).toBe(202);
  });

  it('are taken at anything below the address of the connector, and nowhere else', async () => {
    const connector = await connect();
    expect((await send(connector, { below: '/some/thing' })).status).toBe(202);
    expect((await send(connector, { below: '/' })).status).toBe(202);
    for (const path of [
      '/v1/ingest/generic/0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f',
      '/v1/ingest/generic/nonsense',
      `/v1/ingest/mailgun/${connector.id}`,
      `/v1/ingest/nobody/${connector.id}`,
    ]) {
      const answer = await api.ask<ProblemView>('POST', path, { json: {} });
      expect([answer.status, answer.json.code]).toEqual([404, 'ERR_CONNECTOR_UNKNOWN']);
    }
    expect((await api.ask('GET', pathOf(connector))).status).toBe(404);
  });

  it('end with their connector, or while it is disabled; a new secret takes the place of the old one', async () => {
    const connector = await connect();
    const path = `/v1/connectors/${connector.id}`;
    const patch = async (json: unknown, version: number) =>
      await api.ask<ConnectorView>('PATCH', path, { json, headers: { 'if-match': `"${version}"` } });
    expect((await api.ask('PATCH', path, { json: {} })).status).toBe(428);
    expect((await patch({ enabled: false }, 1)).json).toMatchObject({ enabled: false, version: 2, trusted: false });
    expect((await send(connector)).status).toBe(404);
    expect((await patch({ enabled: true }, 1)).status).toBe(412);
    const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    expect((await patch({ enabled: true, secret }, 2)).text).not.toContain(secret);
    expect((await send(connector)).status).toBe(401);
    expect((await send({ ...connector, secret })).status).toBe(202);
    const stored = (await api.ask<ConnectorView>('GET', path)).json;
    const put = await api.ask<ConnectorView>('PUT', path, {
      json: { ...stored, trusted: true },
      headers: { 'if-match': '"3"' },
    });
    expect(put.json).toMatchObject({ trusted: true, version: 4, enabled: true });
    expect((await send({ ...connector, secret })).status).toBe(202);
    const moved = await api.ask<ProblemView>('PUT', path, {
      json: { name: 'x', provider: 'mailgun' },
      headers: { 'if-match': '*' },
    });
    expect([moved.status, moved.json.errors?.[0]?.pointer]).toEqual([422, '/provider']);
    expect((await api.ask('DELETE', path, { headers: { 'if-match': '"4"' } })).status).toBe(204);
    expect((await send({ ...connector, secret })).status).toBe(404);
  });

  describe('of Mailgun', () => {
    const KEY = 'a-signing-key-of-mailgun';

    async function post(
      connector: ConnectorView,
      more: Record<string, string> = {},
    ): Promise<Answer<{ id?: string; code?: string }>> {
      const timestamp = `${Math.floor(clock.now().getTime() / 1000)}`;
      const token = more['token'] ?? randomUUID().replaceAll('-', '');
      const signature = createHmac('sha256', KEY)
        .update(timestamp + token)
        .digest('hex');
      const form = new FormData();
      const fields = {
        recipient: 'ann@clinic.example',
        sender: 'shop@elsewhere.example',
        timestamp,
        signature,
        'body-mime': MESSAGE,
      };
      for (const [name, value] of Object.entries({ ...fields, token, ...more })) form.append(name, value);
      return await api.ask('POST', pathOf(connector), { body: form });
    }

    it('are ours with 200, once for each token; what is never to come again is 406', async () => {
      const connector = await connect({ provider: 'mailgun', secret: KEY });
      expect(connector.url).toMatch(/\/mime$/);
      const first = await post(connector, { token: 'a-token' });
      expect(first.status).toBe(200);
      expect((await post(connector, { token: 'a-token' })).json.id).toBe(first.json.id);
      const other = await post(connector, { token: 'a-token', 'body-mime': 'Subject: other\n\n' });
      expect([other.status, other.json.code]).toEqual([406, 'ERR_WEBHOOK_REPLAYED']);
      expect((await post(connector, { signature: 'wrong' })).status).toBe(406);
      expect((await post(connector, { timestamp: '1000000000' })).status).toBe(406);
      expect((await post(connector, { sender: 'nobody' })).status).toBe(406);
      expect((await post(connector, { 'body-mime': 'x'.repeat(LARGEST + 1) })).status).toBe(406);
      expect((await post(connector, { 'body-mime': 'x'.repeat(3 * LARGEST + 2_000_000) })).status).toBe(406);
      const url = new URLSearchParams({ a: 'b' });
      expect((await api.ask('POST', pathOf(connector), { body: url })).status).toBe(406);
    });
  });

  it('guarantees that no secret, address or body is in the log', () => {
    expect(api.logged.join('\n')).not.toMatch(/whsec_|a-signing-key|elsewhere\.example|Hello/);
  });

  it('guarantees that bodies that do not come, of whoever knows one address, keep nobody else waiting', async () => {
    const [known, other] = [await connect(), await connect()];
    const { hostname, port } = new URL(api.url);
    const head = [
      `POST ${pathOf(known)} HTTP/1.1`,
      'Host: x',
      'Content-Type: application/json',
      'webhook-id: x',
      `webhook-timestamp: ${Math.floor(clock.now().getTime() / 1000)}`,
      'webhook-signature: v1,AAAA',
      'Content-Length: 1000',
      '',
      '{',
    ].join('\r\n');
    const sockets = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = connectSocket(Number(port), hostname).on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(head);
        return socket;
      }),
    );
    try {
      expect((await send(other)).status).toBe(202);
      expect((await api.submit('?mailFrom=ann@clinic.example', MESSAGE)).status).toBe(202);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

describeWith(['openssl', 'curl'], 'The script that signs webhooks (docs/operations.md)', () => {
  let api: ApiServer;
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-signs-'));

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  it('hands in a message as it is pasted', async () => {
    const made = await api.ask<ConnectorView>('POST', '/v1/connectors', { json: { name: 'x', provider: 'generic' } });
    const url = `${api.url}${new URL(made.json.url).pathname}`;
    const [, script = ''] = /```sh\n(SECRET=[^`]*)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    const pasted = script
      .replace(/^SECRET=\S+/m, `SECRET=${made.json.secret ?? ''}`)
      .replace(/^URL=\S+/m, `URL=${url}`);
    writeFileSync(join(folder, 'message.eml'), MESSAGE);
    const { stdout } = await promisify(execFile)('sh', ['-c', pasted], { cwd: folder });
    const { id } = JSON.parse(stdout) as { id: string };
    expect((await api.ask('GET', `/v1/messages/${id}`)).json).toMatchObject({ source: 'webhook' });
  });
});
