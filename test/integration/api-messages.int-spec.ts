import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { ApiServer } from '../support/api-server.js';
import { claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';

interface ProblemView {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

interface MessageView {
  readonly id: string;
  readonly status: string;
  readonly mailFrom: string;
  readonly sizeBytes: number;
  readonly source: string;
  readonly recipients: readonly { readonly address: string; readonly state: string }[];
  readonly events: readonly { readonly type: string }[];
}

const ENVELOPE = '?mailFrom=ann@clinic.example&rcptTo=bob@customer.example';
const MESSAGE = 'From: Ann <ann@clinic.example>\r\nTo: bob@customer.example\r\nSubject: x\r\n\r\nHello\r\n';

describe('Messages over REST', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start({ environment: { SEALFLOW_MESSAGE_SIZE_MAX: '1000000' } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const read = async (id: string) => (await api.ask<MessageView>('GET', `/v1/messages/${id}`)).json;
  const content = async (id: string) => {
    const response = await fetch(`${api.url}/v1/messages/${id}/content`, {
      headers: { authorization: `Bearer ${api.apiKey}` },
    });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  it('are ours with 202: id, place, record and bytes', async () => {
    const answer = await api.submit(ENVELOPE, MESSAGE);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/messages/${answer.json.id}`);
    expect(await read(answer.json.id)).toMatchObject({
      id: answer.json.id,
      status: 'accepted',
      kind: 'mail',
      mailFrom: 'ann@clinic.example',
      sizeBytes: MESSAGE.length,
      source: 'rest',
      ruleSet: expect.stringMatching(/^[0-9a-f]{64}$/),
      recipients: [{ address: 'bob@customer.example', state: 'pending', protection: null, rules: [], delivery: null }],
      rules: [],
      events: [{ type: 'accepted', detail: expect.anything() }],
    });
    const { response, bytes } = await content(answer.json.id);
    expect(response.headers.get('content-type')).toBe('message/rfc822');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${answer.json.id}.eml"`);
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(bytes.toString()).toBe(MESSAGE);
    await api.platform.enqueue.idle();
    expect((await api.queue.depth()).process.waiting).toBeGreaterThan(0);
  });

  it('keep every byte, and only their line ends are made CRLF', async () => {
    const body = Buffer.concat([
      Buffer.from('Subject: bytes\nX: a\rb\r\n\n'),
      Buffer.from(Array.from({ length: 256 }, (_, n) => n).filter((n) => n !== 10 && n !== 13)),
    ]);
    const { json } = await api.submit(ENVELOPE, new Uint8Array(body));
    const { bytes } = await content(json.id);
    const expected = body.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
    expect(bytes.toString('latin1')).toBe(expected);
  });

  it('take sender and recipients from the header where the query has none', async () => {
    const message =
      'From: "A, B" <Ann@CLINIC.example>\nTo: x: bob@customer.example, carl@customer.example;\nCc: <BOB@customer.example>\nBcc: dora@bücher.example\n\nx\n';
    const { json, status } = await api.submit('', message);
    expect(status).toBe(202);
    const view = await read(json.id);
    expect(view.mailFrom).toBe('ann@clinic.example');
    expect(view.recipients.map(({ address }) => address)).toEqual([
      'bob@customer.example',
      'carl@customer.example',
      'dora@xn--bcher-kva.example',
    ]);
    expect((await content(json.id)).bytes.toString()).toBe(message.replaceAll('\n', '\r\n'));
  });

  it.each([
    ['no sender anywhere', '', 'To: b@x.example\n\nx', 422, '/mailFrom'],
    ['no recipient anywhere', '', 'From: a@clinic.example\n\nx', 422, '/rcptTo'],
    ['an empty body', ENVELOPE, '', 422, ''],
    ['an address that is none', '?mailFrom=ann@clinic.example&rcptTo=bob', 'x', 422, '/rcptTo'],
    ['a parameter that there is not', `${ENVELOPE}&colour=red`, 'x', 422, '/colour'],
    ['two senders', '?mailFrom=a@clinic.example&mailFrom=b@clinic.example', 'x', 422, '/mailFrom'],
  ])('refuse %s', async (_, query, body, status, pointer) => {
    const answer = await api.ask<ProblemView>('POST', `/v1/messages${query}`, {
      body,
      headers: { 'content-type': 'message/rfc822' },
    });
    expect(answer.status).toBe(status);
    expect(answer.json.errors?.map((one) => one.pointer)).toContain(pointer);
  });

  it.each([
    ['of another domain', '?mailFrom=ann@elsewhere.example&rcptTo=bob@customer.example'],
    ['of a domain below', '?mailFrom=ann@sub.clinic.example&rcptTo=bob@customer.example'],
    ['that is null', '?mailFrom=&rcptTo=bob@customer.example'],
  ])('refuse a sender %s, by the query or the header', async (_, query) => {
    const answer = await api.ask<ProblemView>('POST', `/v1/messages${query}`, {
      body: MESSAGE,
      headers: { 'content-type': 'message/rfc822' },
    });
    expect([answer.status, answer.json.code]).toEqual([403, 'ERR_SENDER_FOREIGN']);
    const byHeader = await api.submit('?rcptTo=bob@customer.example', 'From: x@elsewhere.example\n\nx');
    expect(byHeader.status).toBe(403);
  });

  it('guarantees one message for one Idempotency-Key, and 422 with another body', async () => {
    const headers = { 'idempotency-key': 'order-4711' };
    const first = await api.submit(ENVELOPE, MESSAGE, headers);
    const again = await Promise.all(Array.from({ length: 5 }, () => api.submit(ENVELOPE, MESSAGE, headers)));
    expect(again.map(({ status, json }) => [status, json.id])).toEqual(Array(5).fill([202, first.json.id]));
    const other = await api.submit(ENVELOPE, `${MESSAGE}more`, headers);
    expect([other.status, (other.json as unknown as ProblemView).code]).toEqual([422, 'ERR_IDEMPOTENCY_CONFLICT']);
    const key = await api.keyWith('messages:send');
    const others = await api.submit(ENVELOPE, MESSAGE, { ...headers, authorization: `Bearer ${key}` });
    expect(others.json.id).not.toBe(first.json.id);
    expect((await api.submit(ENVELOPE, MESSAGE, { 'idempotency-key': 'a b' })).status).toBe(422);
  });

  it('refuse what is no message by its type, or is compressed', async () => {
    expect((await api.submit(ENVELOPE, MESSAGE, { 'content-type': 'application/json' })).status).toBe(415);
    expect((await api.submit(ENVELOPE, MESSAGE, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('stream in, and are refused with 413 as soon as they are too large', async () => {
    const exact = await api.submit(ENVELOPE, `Subject: x\r\n\r\n${'y'.repeat(1_000_000 - 14)}`);
    expect(exact.status).toBe(202);
    expect((await content(exact.json.id)).bytes).toHaveLength(1_000_000);
    const said = await api.submit(ENVELOPE, `Subject: x\r\n\r\n${'y'.repeat(1_000_000)}`);
    expect(said.status).toBe(413);
    const unsaid = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(randomBytes(65_536)),
    });
    const streamed = await api.submit(ENVELOPE, unsaid).catch(() => undefined);
    // The client may see the connection end before it reads the answer.
    expect(streamed?.status ?? 413).toBe(413);
    expect((await api.submit(ENVELOPE, MESSAGE)).status).toBe(202);
  });

  it('are not asked for by "100 Continue" when they are refused', async () => {
    const asked = (headers: Record<string, string>, path: string) =>
      new Promise<{ status: number; isAsked: boolean }>((resolve, reject) => {
        let isAsked = false;
        const request = httpRequest(`${api.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'message/rfc822', expect: '100-continue', ...headers },
        });
        request.on('continue', () => {
          isAsked = true;
          request.end(MESSAGE);
        });
        request.on('response', (response) => {
          response.resume();
          resolve({ status: response.statusCode ?? 0, isAsked });
          request.destroy();
        });
        request.on('error', reject);
        request.flushHeaders();
      });
    const authorization = `Bearer ${api.apiKey}`;
    expect(await asked({ authorization: 'Bearer wrong' }, `/v1/messages${ENVELOPE}`)).toEqual({
      status: 401,
      isAsked: false,
    });
    const large = { authorization, 'content-length': '2000000' };
    expect(await asked(large, `/v1/messages${ENVELOPE}`)).toEqual({ status: 413, isAsked: false });
    expect(await asked({ authorization }, `/v1/messages${ENVELOPE}`)).toEqual({ status: 202, isAsked: true });
  });

  it('guarantees that nothing is kept of a body that ends too early', async () => {
    const before = (await api.ask<{ items: unknown[] }>('GET', '/v1/messages?limit=200')).json.items.length;
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/messages${ENVELOPE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.apiKey}\r\nContent-Type: message/rfc822\r\nContent-Length: 5000\r\n\r\nSubject: half`,
      () => socket.destroy(),
    );
    await new Promise((resolve) => socket.once('close', resolve));
    const after = await api.submit(ENVELOPE, MESSAGE);
    expect(after.status).toBe(202);
    expect((await api.ask<{ items: unknown[] }>('GET', '/v1/messages?limit=200')).json.items).toHaveLength(before + 1);
  });

  it('are listed newest first, in pages, and by what is asked', async () => {
    const one = await api.submit('?mailFrom=lister@clinic.example&rcptTo=only@customer.example', MESSAGE);
    const two = await api.submit('?mailFrom=lister@clinic.example&rcptTo=other@customer.example', MESSAGE);
    const ids = async (query: string) =>
      (await api.ask<{ items: MessageView[] }>('GET', `/v1/messages?${query}`)).json.items.map(({ id }) => id);
    expect(await ids('mailFrom=lister@clinic.example')).toEqual([two.json.id, one.json.id]);
    expect(await ids('mailFrom=Lister@Clinic.example&limit=1')).toEqual([two.json.id]);
    expect(await ids('rcptTo=only@customer.example')).toEqual([one.json.id]);
    expect(await ids('status=delivered')).toEqual([]);
    expect(await ids('mailFrom=lister@clinic.example&state=pending')).toEqual([two.json.id, one.json.id]);
    expect(await ids('state=held')).toEqual([]);
    expect(await ids('since=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await ids('rule=0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f')).toEqual([]);
    const item = (await api.ask<{ items: object[] }>('GET', '/v1/messages?rcptTo=only@customer.example')).json.items[0];
    expect(item).toMatchObject({ mailFrom: 'lister@clinic.example', recipientCount: 1, source: 'rest' });
    expect(item).toMatchObject({ recipients: [{ address: 'only@customer.example', state: 'pending', code: null }] });
    const many = Array.from({ length: 101 }, (_, n) => `rcptTo=r${n}@customer.example`);
    await api.submit(`?mailFrom=many@clinic.example&${many.join('&')}`, MESSAGE);
    const [large] = (
      await api.ask<{ items: { recipientCount: number; recipients: { address: string }[] }[] }>(
        'GET',
        '/v1/messages?mailFrom=many@clinic.example',
      )
    ).json.items;
    expect(large?.recipientCount).toBe(101);
    expect(large?.recipients.map(({ address }) => address)).toEqual(
      Array.from({ length: 100 }, (_, n) => `r${n}@customer.example`),
    );
  });

  it.each(['status=lost', 'state=expired', 'mailFrom=x', 'rcptTo=', 'rule=1', 'since=yesterday', 'since=2026-01-01'])(
    'refuse ?%s as a filter',
    async (query) => {
      const answer = await api.ask<ProblemView>('GET', `/v1/messages?${query}`);
      expect([answer.status, answer.json.errors?.[0]?.pointer]).toEqual([422, `/${query.split('=')[0] ?? ''}`]);
    },
  );

  it('are acted upon only where that fits', async () => {
    const { json } = await api.submit(ENVELOPE, MESSAGE);
    const act = async (what: string, body?: unknown) =>
      await api.ask<ProblemView>('POST', `/v1/messages/${json.id}/${what}`, { json: body });
    expect((await act('release')).status).toBe(409);
    expect((await act('reject', {})).json.code).toBe('ERR_STATE_UNFIT');
    expect((await act('release', { recipients: ['nobody@x.example'] })).status).toBe(409);
    expect((await act('release', { recipients: 'all' })).status).toBe(422);
    expect((await act('release', { unprotected: true })).json.errors?.[0]?.pointer).toBe('/reason');
    expect((await act('release', { reason: 'x' })).json.errors?.[0]?.pointer).toBe('/reason');
    expect((await act('release', { unprotected: false })).status).toBe(409);
    expect((await act('release', { unprotected: 'no' })).status).toBe(422);
    expect((await act('reject', { unprotected: true })).json.errors?.[0]?.pointer).toBe('/unprotected');
    expect((await act('revoke')).status).toBe(404);
    const gone = await api.ask('POST', '/v1/messages/0199f3c4-1b22-7f0e-9a6b-3c5d7e9f1a2b/release');
    expect(gone.status).toBe(404);
  });

  it('need messages:override to leave in clear', async () => {
    const { json } = await api.submit(ENVELOPE, MESSAGE);
    const key = await api.keyWith('messages:act');
    const headers = { authorization: `Bearer ${key}` };
    const body = { unprotected: true, reason: 'asked for by telephone' };
    const answer = await api.ask<ProblemView>('POST', `/v1/messages/${json.id}/release`, { json: body, headers });
    expect([answer.status, answer.json.code]).toEqual([403, 'ERR_SCOPE_MISSING']);
    expect((await api.ask('POST', `/v1/messages/${json.id}/release`, { json: {}, headers })).status).toBe(409);
  });

  it('need nothing but messages:override for that, which is for nothing else', async () => {
    const { json } = await api.submit(ENVELOPE, MESSAGE);
    const key = await api.keyWith('messages:override');
    const headers = { authorization: `Bearer ${key}` };
    const release = async (body: object) =>
      (await api.ask('POST', `/v1/messages/${json.id}/release`, { json: body, headers })).status;
    // Nothing is held: it is past the scopes.
    expect(await release({ unprotected: true, reason: 'asked for by telephone' })).toBe(409);
    expect(await release({})).toBe(403);
    expect(await release({ unprotected: false })).toBe(403);
    expect((await api.ask('POST', `/v1/messages/${json.id}/reject`, { json: {}, headers })).status).toBe(403);
    const reader = { authorization: `Bearer ${await api.keyWith('messages:read')}` };
    const refused = await api.ask<ProblemView>('POST', `/v1/messages/${json.id}/release`, { headers: reader });
    expect([refused.status, refused.json.code]).toEqual([403, 'ERR_SCOPE_MISSING']);
  });

  it('go on when a person releases them, in clear only with a reason, and say so', async () => {
    const hold = async (): Promise<string> => {
      const { json } = await api.submit(ENVELOPE, MESSAGE);
      const bob = recipientCloseOf('bob@customer.example', HELD_KEYLESS);
      const claimed = await claimOne(api.database.record, { id: json.id, organizationId: api.organizationId });
      const close = closeInputOf(claimed, [bob], {
        events: [{ type: 'held', at: new Date(), detail: { code: bob.code, recipient: bob.address } }],
        ruleSetUsed: claimed.ruleSet,
      });
      await api.database.record.close(close);
      return json.id;
    };
    const told: string[] = [];
    const { enqueue } = api.platform;
    const add = enqueue.add.bind(enqueue);
    enqueue.add = (queue, organizationId, id) => {
      told.push(`${queue} ${id}`);
      add(queue, organizationId, id);
    };
    const id = await hold();
    expect(await read(id)).toMatchObject({
      status: 'held',
      recipients: [{ state: 'held', code: 'ERR_KEY_MISSING' }],
      events: expect.arrayContaining([
        {
          type: 'held',
          at: expect.any(String),
          detail: { code: 'ERR_KEY_MISSING', recipient: 'bob@customer.example' },
        },
      ]),
    });
    told.length = 0;
    const released = await api.ask('POST', `/v1/messages/${id}/release`, {
      json: { recipients: ['Bob@customer.example'] },
    });
    expect([released.status, released.json]).toEqual([200, { id, recipients: ['bob@customer.example'] }]);
    expect(told).toEqual([`process ${id}`]);
    const other = await hold();
    const body = { unprotected: true, reason: 'asked for by telephone' };
    expect((await api.ask('POST', `/v1/messages/${other}/release`, { json: body })).status).toBe(200);
    const { events } = await read(other);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'overridden', detail: expect.objectContaining({ reason: body.reason }) }),
    );
    const refused = await api.ask('POST', `/v1/messages/${await hold()}/reject`);
    expect(refused.status).toBe(200);
  });

  it('guarantees that no address, body or key is in the log', () => {
    const log = api.logged.join('\n');
    expect(log).toContain('"route":"/v1/messages"');
    expect(log).toContain('"messageId"');
    expect(log).not.toMatch(/clinic\.example|customer\.example|Hello|Bearer/);
    expect(log).not.toContain(api.apiKey);
  });
});
