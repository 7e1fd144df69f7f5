import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { Secret } from '#lib/core';
import { turnOfTimers } from '../../../../test/support/bounded.js';
import { bufferBytes } from '../../../../test/support/memory.js';
import { gather } from '../../../../test/support/streams.js';
import { webhookRequest, webhookVectors } from '../../../../test/support/webhook-vectors.js';
import { generic } from './generic.js';
import type { ProviderConnector, ProviderOutcome } from './provider.js';

const SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
const NOW_MS = 1_767_268_800_000;
const RAW = Buffer.from('From: sue@example.com\nTo: ann@customer.example\n\nGr\u00fc\u00dfe \xff', 'latin1');
const GOOD = { mailFrom: 'Sue@example.com', rcptTo: ['ann@Customer.example'], raw: RAW.toString('base64') };

function connectorOf(more: Partial<ProviderConnector> = {}): ProviderConnector {
  const bytes = generic.parseSecret(SECRET) ?? new Uint8Array(0);
  return { secret: new Secret(bytes), nowMs: NOW_MS, messageSizeBytesMax: 1_000_000, ...more };
}

/** Signed by the reference implementation where it takes the body, else as the specification says. */
function headersOf(body: Buffer, id = 'msg_1', at = NOW_MS): Record<string, string> {
  const time = Math.floor(at / 1000);
  const mac = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(`${id}.${time}.`)
    .update(body);
  const signature = `v1,${mac.digest('base64')}`;
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': `${time}`,
    'webhook-signature': signature,
  };
}

async function receive(
  body: unknown,
  more: {
    headers?: Record<string, string | undefined>;
    connector?: Partial<ProviderConnector>;
    pieceBytes?: number;
  } = {},
): Promise<ProviderOutcome> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const headers = Object.fromEntries(
    Object.entries({ ...headersOf(bytes), ...more.headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  return await generic.receive(webhookRequest(headers, bytes, more.pieceBytes), connectorOf(more.connector));
}

const refused = (status: number, code: string) => ({ kind: 'refused', status, code });

describe('the generic provider', () => {
  it.each([1, 7, 100_000])(
    'gives envelope and message of a rightly signed request, in pieces of %d bytes',
    async (pieceBytes) => {
      const outcome = await receive({ extra: { raw: 'no' }, ...GOOD, more: [1, 'x', null] }, { pieceBytes });
      expect(outcome).toMatchObject({
        kind: 'message',
        mailFrom: 'sue@example.com',
        rcptTo: ['ann@customer.example'],
        eventId: 'msg_1',
      });
      expect(outcome.kind === 'message' && (await gather(outcome.raw)).equals(RAW)).toBe(true);
    },
  );

  it('understands what the reference implementation signs', async () => {
    const body = JSON.stringify(GOOD);
    const signature = new Webhook(SECRET).sign('msg_2', new Date(NOW_MS), body);
    const headers = { 'webhook-id': 'msg_2', 'webhook-signature': signature };
    expect(await receive(body, { headers })).toMatchObject({ kind: 'message', eventId: 'msg_2' });
  });

  it.each(webhookVectors('standard-webhooks'))(
    '$name: $expect ($why)',
    async ({ name, body, headers, nowMs, expect: wanted }) => {
      const outcome = await generic.receive(webhookRequest(headers, body), connectorOf({ nowMs }));
      // The vectors are no messages: what is rightly signed is then malformed. A signature by ed25519 is none of ours.
      const isSigned = wanted === 'accept' && name !== 'v1a-ok';
      const stale = ['future', 'stale'].includes(name) ? 'ERR_WEBHOOK_STALE' : 'ERR_WEBHOOK_SIGNATURE';
      expect(outcome).toMatchObject(isSigned ? refused(400, 'ERR_WEBHOOK_MALFORMED') : refused(401, stale));
    },
  );

  it('guarantees that one bit changed anywhere in what is signed is refused', async () => {
    const body = Buffer.from(JSON.stringify(GOOD));
    const headers = headersOf(body);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Buffer.from(body);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const outcome = await generic.receive(webhookRequest(headers, changed), connectorOf());
      expect(outcome).toEqual(refused(401, 'ERR_WEBHOOK_SIGNATURE'));
    }
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const value = headers[name] ?? '';
      for (let at = 0; at < value.length; at += 1) {
        const other = String.fromCharCode(value.charCodeAt(at) ^ 1);
        const changed = { ...headers, [name]: value.slice(0, at) + other + value.slice(at + 1) };
        expect(await generic.receive(webhookRequest(changed, body), connectorOf())).toMatchObject({
          kind: 'refused',
          status: 401,
        });
      }
    }
  });

  it.each([
    ['no signature', { 'webhook-signature': undefined }],
    ['an empty signature', { 'webhook-signature': '' }],
    ['no id', { 'webhook-id': undefined }],
    ['an empty id', { 'webhook-id': '' }],
    ['no time', { 'webhook-timestamp': undefined }],
    ['a time that is no number', { 'webhook-timestamp': '12ab' }],
    ['a time in milliseconds', { 'webhook-timestamp': `${NOW_MS}` }],
    [
      'the version in capitals',
      { 'webhook-signature': headersOf(Buffer.from(JSON.stringify(GOOD)))['webhook-signature']?.replace('v1', 'V1') },
    ],
    [
      'a MAC in hex',
      {
        'webhook-signature': `v1,${Buffer.from(headersOf(Buffer.from(JSON.stringify(GOOD)))['webhook-signature']?.slice(3) ?? '', 'base64').toString('hex')}`,
      },
    ],
    ['names of both families', { 'webhook-id': undefined, 'svix-id': 'msg_1' }],
  ])('refuses %s', async (_name, headers) => {
    expect(await receive(GOOD, { headers })).toMatchObject({ kind: 'refused', status: 401 });
  });

  it('refuses a header that came twice, also with the same value', async () => {
    const body = Buffer.from(JSON.stringify(GOOD));
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const request = webhookRequest(headersOf(body), body);
      const value = headersOf(body)[name] ?? '';
      const twice = { ...request, rawHeaders: [...request.rawHeaders, name.toUpperCase(), value] };
      expect(await generic.receive(twice, connectorOf())).toEqual(refused(401, 'ERR_WEBHOOK_SIGNATURE'));
    }
  });

  it('takes any entry of the signature that fits, and looks at a hundred', async () => {
    const right = headersOf(Buffer.from(JSON.stringify(GOOD)))['webhook-signature'] ?? '';
    expect(await receive(GOOD, { headers: { 'webhook-signature': `v9,xxx v1,AAAA ${right}` } })).toMatchObject({
      kind: 'message',
    });
    const behind = (count: number) => {
      const wrong = Array.from({ length: count }, () => `v1,${randomBytes(32).toString('base64')}`);
      return receive(GOOD, { headers: { 'webhook-signature': [...wrong, right].join(' ') } });
    };
    expect(await behind(99)).toMatchObject({ kind: 'message' });
    expect(await behind(100)).toMatchObject({ status: 401 });
  });

  it('looks at the time in a window of five minutes either way', async () => {
    const at = async (seconds: number) => (await receive(GOOD, { connector: { nowMs: NOW_MS + seconds * 1000 } })).kind;
    expect([await at(300), await at(-300)]).toEqual(['message', 'message']);
    expect([await at(301), await at(-301)]).toEqual(['refused', 'refused']);
  });

  it.each([
    ['no type', { 'content-type': undefined }],
    ['a form', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['a charset that is not UTF-8', { 'content-type': 'application/json; charset=utf-7' }],
    ['a coding', { 'content-encoding': 'gzip' }],
  ])('refuses %s with 415', async (_name, headers) => {
    expect(await receive(GOOD, { headers })).toEqual(refused(415, 'ERR_WEBHOOK_TYPE'));
  });

  it('takes the charset that JSON has, and a null sender, and an empty message', async () => {
    const headers = { 'content-type': 'application/json; charset="UTF-8"', authorization: 'Bearer ignored' };
    expect(await receive(GOOD, { headers })).toMatchObject({ kind: 'message' });
    const outcome = await receive({ ...GOOD, mailFrom: '', raw: '' });
    expect(outcome).toMatchObject({ kind: 'message', mailFrom: '' });
    expect(outcome.kind === 'message' && (await gather(outcome.raw)).length).toBe(0);
  });

  it('reads base64 with escapes, line ends and without padding', async () => {
    const base64 = RAW.toString('base64');
    for (const raw of [
      base64.replaceAll('/', '\\/'),
      base64.replace(/(.{20})/g, '$1\\r\\n'),
      base64.replace(/=+$/, ''),
      base64.replace('R', '\\u0052'),
    ]) {
      const outcome = await receive(`{"mailFrom":"","rcptTo":["a@b.example"],"raw":"${raw}"}`, { pieceBytes: 3 });
      expect(outcome.kind === 'message' && (await gather(outcome.raw)).equals(RAW)).toBe(true);
    }
  });

  it.each([
    ['no JSON', 'hello'],
    ['half of it', JSON.stringify(GOOD).slice(0, -1)],
    ['nothing', ''],
    ['an array', '[{"mailFrom":"","rcptTo":["a@b.example"],"raw":""}]'],
    ['a key twice', `{"mailFrom":"","rcptTo":["a@b.example"],"raw":"","raw":"aGk="}`],
    [
      'a key twice, one of them escaped',
      `{"mailFrom":"","mail\\u0046rom":"x@y.example","rcptTo":["a@b.example"],"raw":""}`,
    ],
    ['no sender', { ...GOOD, mailFrom: undefined }],
    ['a sender that is no address', { ...GOOD, mailFrom: 'sue' }],
    ['a sender with NUL', { ...GOOD, mailFrom: 's\u0000e@example.com' }],
    ['a sender that smuggles a command', { ...GOOD, mailFrom: 'sue@example.com>\r\nRCPT TO:<x@y.example' }],
    ['no recipients', { ...GOOD, rcptTo: [] }],
    ['a recipient that is a number', { ...GOOD, rcptTo: [1] }],
    ['recipients as a text', { ...GOOD, rcptTo: 'ann@customer.example' }],
    ['too many recipients', { ...GOOD, rcptTo: Array.from({ length: 1001 }, (_, n) => `r${n}@x.example`) }],
    ['no message', { ...GOOD, raw: undefined }],
    ['a message that is a number', { ...GOOD, raw: 1 }],
    ['a message within', { ...GOOD, raw: undefined, data: { raw: 'aGk=' } }],
    ['no base64', { ...GOOD, raw: 'a*b=' }],
    ['base64 of one digit', { ...GOOD, raw: 'abcde' }],
    ['base64 with more behind the padding', { ...GOOD, raw: 'aGk=aGk=' }],
    ['base64 with wrong padding', { ...GOOD, raw: 'aGk==' }],
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from('{"mailFrom":"","rcptTo":["a@b.example"],"raw":"","x":"'),
        Buffer.from([0xc3, 0x28]),
        Buffer.from('"}'),
      ]),
    ],
    ['a line end within a text', '{"mailFrom":"","rcptTo":["a@b.example"],"raw":"aGk=\n"}'],
    ['a wrong escape', '{"mailFrom":"","rcptTo":["a@b.example"],"raw":"aG\\xk="}'],
    ['100,000 nested arrays', `{"mailFrom":"","rcptTo":["a@b.example"],"raw":"","x":${'['.repeat(100_000)}}`],
    ['more besides the message than it may have', { ...GOOD, extra: 'x'.repeat(1 << 20) }],
  ])('refuses %s with 400, if it is rightly signed', async (_name, body) => {
    expect(await receive(body)).toMatchObject(refused(400, 'ERR_WEBHOOK_MALFORMED'));
    expect(await receive(body, { headers: { 'webhook-signature': 'v1,AAAA' } })).toEqual(
      refused(401, 'ERR_WEBHOOK_SIGNATURE'),
    );
  });

  it('refuses a message that is too large with 413, and reads no further', async () => {
    const raw = Buffer.alloc(2_000_000, 'x').toString('base64');
    let read = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from('{"mailFrom":"","rcptTo":["a@b.example"],"raw":"');
      for (let at = 0; at < raw.length; at += 65_536) {
        read += 65_536;
        yield Buffer.from(raw.slice(at, at + 65_536));
      }
    }
    const request = webhookRequest(headersOf(Buffer.alloc(0)), body());
    expect(await generic.receive(request, connectorOf())).toEqual(refused(413, 'ERR_WEBHOOK_TOO_LARGE'));
    expect(read).toBeLessThan(1_700_000);
  });

  it('guarantees that a large message does not lie in memory, and is gone when it is discarded', async () => {
    const size = 12_000_000;
    const base64 = Buffer.alloc(60_000, 'ab\r\n').toString('base64');
    const mac = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64')).update(`big.${NOW_MS / 1000}.`);
    const pieces = function* (): Generator<Buffer> {
      yield Buffer.from('{"mailFrom":"","rcptTo":["a@b.example"],"raw":"');
      for (let made = 0; made < size; made += 60_000) yield Buffer.from(base64);
      yield Buffer.from('"}');
    };
    for (const piece of pieces()) mac.update(piece);
    const headers = { ...headersOf(Buffer.alloc(0), 'big'), 'webhook-signature': `v1,${mac.digest('base64')}` };
    let most = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      let made = 0;
      for (const piece of pieces()) {
        await Promise.resolve();
        made += 1;
        if ([50, 100, 150].includes(made)) most = Math.max(most, bufferBytes());
        yield piece;
      }
    }
    const before = bufferBytes();
    const outcome = await generic.receive(
      webhookRequest(headers, body()),
      connectorOf({ messageSizeBytesMax: 50_000_000 }),
    );
    expect(most).toBeGreaterThan(0);
    expect(most - before).toBeLessThan(size / 3);
    if (outcome.kind !== 'message') throw new Error(`refused: ${JSON.stringify(outcome)}`);
    let read = 0;
    for await (const piece of outcome.raw) read += piece.length;
    expect(read).toBe(size);
    await outcome.discard();
  });

  it.each([
    ['line ends', '\\n'],
    ['quotes', '\\"'],
    ['backslashes', '\\\\'],
    ['digits', '\\u0041'],
  ])('guarantees that a body full of escaped %s is read in linear time', async (_name, escape) => {
    const body = Buffer.from(`{"mailFrom":"","rcptTo":[],"raw":"${escape.repeat(Math.floor(2e6 / escape.length))}"}`);
    const headers = { ...headersOf(Buffer.alloc(0)), 'webhook-signature': 'v1,AAAA' };
    const connector = connectorOf({ messageSizeBytesMax: 10_000_000 });
    const outcome = await generic.receive(webhookRequest(headers, body), connector);
    expect(outcome).toMatchObject({ status: 401 });
    await turnOfTimers();
  });

  it('passes on an error of the body', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('{"mail'));
      throw new Error('peer gone');
    }
    await expect(generic.receive(webhookRequest(headersOf(Buffer.alloc(0)), broken()), connectorOf())).rejects.toThrow(
      'peer gone',
    );
  });

  it('reads any JSON as a parser does, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        async (extra, raw, pieceBytes) => {
          const body = { ...extra, ...GOOD, raw: Buffer.from(raw).toString('base64') };
          const outcome = await receive(body, { pieceBytes });
          expect(outcome.kind === 'message' && (await gather(outcome.raw)).equals(Buffer.from(raw))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('names every fault of a body that is rightly signed, and quotes none', async () => {
    const faultsOf = async (body: string | object) => {
      const outcome = await receive(body);
      return outcome.kind === 'refused' ? (outcome.faults ?? []).map(({ pointer }) => pointer) : [];
    };
    expect(await faultsOf({ mailFrom: 'sue', rcptTo: ['a@b.example', 'x', 1], raw: '*' })).toEqual([
      '/mailFrom',
      '/rcptTo/1',
      '/rcptTo/2',
      '/raw',
    ]);
    expect(await faultsOf({})).toEqual(['/mailFrom', '/rcptTo', '/raw']);
    expect(await faultsOf('hello')).toEqual(['']);
    const forged = await receive({}, { headers: { 'webhook-signature': 'v1,AAAA' } });
    expect(forged).toEqual(refused(401, 'ERR_WEBHOOK_SIGNATURE'));
    expect(JSON.stringify(await receive({ ...GOOD, mailFrom: 'hunter2' }))).not.toContain('hunter2');
  });

  it('makes and reads secrets', () => {
    const secret = generic.newSecret((size) => randomBytes(size));
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(generic.parseSecret(secret)).toHaveLength(32);
    expect(Buffer.from(generic.parseSecret(SECRET) ?? []).toString()).toBe('0123456789abcdef0123456789abcdef');
    for (const bad of [
      '',
      'whsec_',
      'whsec_AAAA',
      'whsec_!!!!',
      SECRET.slice(6),
      `${SECRET} `,
      'whsk_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    ]) {
      expect(generic.parseSecret(bad)).toBeUndefined();
    }
  });
});
