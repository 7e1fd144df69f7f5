import { createHash, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Secret } from '#lib/core';
import { bufferBytes } from '../../../../test/support/memory.js';
import { gather } from '../../../../test/support/streams.js';
import { webhookRequest, webhookVectors } from '../../../../test/support/webhook-vectors.js';
import { mailgun } from './mailgun.js';
import type { ProviderConnector, ProviderOutcome } from './provider.js';

const KEY = 'test-mailgun-signing-key-0001';
const NOW_MS = 1_767_268_800_000;
const RAW = Buffer.from(
  'From: sue@example.com\nTo: ann@customer.example\n\n--x\r\nGr\u00fc\u00dfe \xff & = % + \r',
  'latin1',
);
const TOKEN = 't'.repeat(50);

type Fields = readonly (readonly [name: string, value: Buffer | string])[];

function connectorOf(more: Partial<ProviderConnector> = {}): ProviderConnector {
  const secret = new Secret(mailgun.parseSecret(KEY) ?? new Uint8Array(0));
  return { secret, nowMs: NOW_MS, messageSizeBytesMax: 1_000_000, ...more };
}

function signatureOf(timestamp: string, token: string): string {
  return createHmac('sha256', KEY)
    .update(timestamp + token)
    .digest('hex');
}

function fieldsOf(more: Readonly<Record<string, Buffer | string | undefined>> = {}): Fields {
  const timestamp = String(more['timestamp'] ?? NOW_MS / 1000);
  const token = String(more['token'] ?? TOKEN);
  const all = {
    recipient: 'ann@customer.example',
    sender: 'sue@example.com',
    subject: 'ignored',
    'body-mime': RAW,
    timestamp,
    token,
    signature: signatureOf(timestamp, token),
    ...more,
  };
  return Object.entries<Buffer | string | undefined>(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

function multipart(fields: Fields, partHeader = ''): { headers: Record<string, string>; body: Buffer } {
  const parts = fields.flatMap(([name, value]) => [
    Buffer.from(`--frontier\r\nContent-Disposition: form-data; name="${name}"${partHeader}\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...parts, Buffer.from('--frontier--\r\n')]);
  return { headers: { 'content-type': 'multipart/form-data; boundary=frontier' }, body };
}

/** Each byte as the form has it. */
const CODED = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (char === ' ') return '+';
  return /[A-Za-z0-9]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
});

function urlencoded(fields: Fields): { headers: Record<string, string>; body: Buffer } {
  const coded = (value: Buffer | string): string => Array.from(Buffer.from(value), (byte) => CODED[byte]).join('');
  const body = Buffer.from(fields.map(([name, value]) => `${coded(name)}=${coded(value)}`).join('&'));
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}

const FORMS = [
  ['multipart/form-data', multipart],
  ['urlencoded', urlencoded],
] as const;

async function receive(
  { headers, body }: { headers: Record<string, string>; body: Buffer },
  more: { connector?: Partial<ProviderConnector>; pieceBytes?: number } = {},
): Promise<ProviderOutcome> {
  return await mailgun.receive(webhookRequest(headers, body, more.pieceBytes), connectorOf(more.connector));
}

async function rawOf(outcome: ProviderOutcome): Promise<Buffer> {
  if (outcome.kind !== 'message') throw new Error(`not a message: ${JSON.stringify(outcome)}`);
  return await gather(outcome.raw);
}

const refused = (code: string) => ({ kind: 'refused', status: 406, code });

describe('mailgun', () => {
  it.each(webhookVectors('mailgun'))(
    '$name: $expect ($why)',
    async ({ name, body, headers, nowMs, expect: wanted, expectParsed }) => {
      const outcome = await mailgun.receive(webhookRequest(headers, body), connectorOf({ nowMs }));
      // Forms without the raw message are not taken; that a token comes again is known only where it is kept.
      if (name === 'parsed-ok' || name === 'store-notify-ok') expect(outcome).toEqual(refused('ERR_WEBHOOK_MALFORMED'));
      else if (wanted === 'reject' && name !== 'mime-replay')
        expect(outcome).toMatchObject({ kind: 'refused', status: 406 });
      else {
        expect(outcome).toMatchObject({ kind: 'message' });
        if (expectParsed === undefined) return;
        const { mailFrom, rcptTo, providerEventId: eventId, rawSha256 } = expectParsed;
        expect(outcome).toMatchObject({ mailFrom, rcptTo, eventId });
        expect(
          createHash('sha256')
            .update(await rawOf(outcome))
            .digest('hex'),
        ).toBe(rawSha256);
      }
    },
  );

  describe.each(FORMS)('as %s', (_name, formOf) => {
    it.each([1, 7, 100_000])('gives the message byte for byte, in pieces of %d bytes', async (pieceBytes) => {
      const outcome = await receive(formOf(fieldsOf()), { pieceBytes });
      expect(outcome).toMatchObject({ mailFrom: 'sue@example.com', rcptTo: ['ann@customer.example'], eventId: TOKEN });
      expect((await rawOf(outcome)).equals(RAW)).toBe(true);
    });

    it('takes the fields in any order', async () => {
      const fields = fieldsOf();
      for (let turn = 0; turn < fields.length; turn += 1) {
        const outcome = await receive(formOf([...fields.slice(turn), ...fields.slice(0, turn)]));
        expect((await rawOf(outcome)).equals(RAW)).toBe(true);
      }
      expect((await rawOf(await receive(formOf([...fields].reverse())))).equals(RAW)).toBe(true);
    });

    it('guarantees that one bit changed in what is signed is refused', async () => {
      const signed = fieldsOf();
      for (const name of ['timestamp', 'token', 'signature']) {
        const value = Buffer.from(signed.find(([one]) => one === name)?.[1] ?? '');
        for (let bit = 0; bit < value.length * 8; bit += 1) {
          const changed = Buffer.from(value);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const outcome = await receive(
            formOf(signed.map(([one, old]) => [one, one === name ? changed : old] as const)),
          );
          expect(outcome).toEqual(refused('ERR_WEBHOOK_SIGNATURE'));
        }
      }
    });

    it('guarantees that nothing can move between time and token, which are signed run together', async () => {
      const timestamp = `${NOW_MS / 1000}`;
      const signature = signatureOf(timestamp, `1${TOKEN}`);
      for (const [time, token] of [
        [`${timestamp}1`, TOKEN],
        [timestamp.slice(0, -1), `${timestamp.slice(-1)}1${TOKEN}`],
      ]) {
        expect(await receive(formOf(fieldsOf({ timestamp: time, token, signature })))).toEqual(
          refused('ERR_WEBHOOK_SIGNATURE'),
        );
      }
    });

    it('takes the last of fields that came twice: those of the message itself stand in front', async () => {
      const forged: Fields = [
        ['timestamp', '1'],
        ['token', 'x'],
        ['signature', 'y'],
        ['recipient', 'evil@elsewhere.example'],
        ['sender', 'evil@elsewhere.example'],
        ['body-mime', 'forged'],
      ];
      const outcome = await receive(formOf([...forged, ...fieldsOf()]));
      expect(outcome).toMatchObject({ mailFrom: 'sue@example.com', rcptTo: ['ann@customer.example'] });
      expect((await rawOf(outcome)).equals(RAW)).toBe(true);
    });

    it.each([
      ['no signature', { signature: undefined }, 'ERR_WEBHOOK_SIGNATURE'],
      [
        'a signature in capitals',
        { signature: signatureOf(`${NOW_MS / 1000}`, TOKEN).toUpperCase() },
        'ERR_WEBHOOK_SIGNATURE',
      ],
      ['no token', { token: undefined, signature: signatureOf(`${NOW_MS / 1000}`, '') }, 'ERR_WEBHOOK_SIGNATURE'],
      ['no time', { timestamp: undefined }, 'ERR_WEBHOOK_SIGNATURE'],
      ['a time in milliseconds', { timestamp: `${NOW_MS}` }, 'ERR_WEBHOOK_SIGNATURE'],
      ['a time of yesterday', { timestamp: `${NOW_MS / 1000 - 86_400}` }, 'ERR_WEBHOOK_STALE'],
      ['a time ten hours old', { timestamp: `${NOW_MS / 1000 - 36_000}` }, 'ERR_WEBHOOK_STALE'],
      ['a time six minutes ahead', { timestamp: `${NOW_MS / 1000 + 360}` }, 'ERR_WEBHOOK_STALE'],
      ['no message', { 'body-mime': undefined }, 'ERR_WEBHOOK_MALFORMED'],
      ['no sender', { sender: undefined }, 'ERR_WEBHOOK_MALFORMED'],
      ['a sender that is no address', { sender: 'sue' }, 'ERR_WEBHOOK_MALFORMED'],
      ['no recipient', { recipient: undefined }, 'ERR_WEBHOOK_MALFORMED'],
      ['an empty recipient', { recipient: '' }, 'ERR_WEBHOOK_MALFORMED'],
      ['a recipient that smuggles a command', { recipient: 'ann@customer.example>\r\nDATA' }, 'ERR_WEBHOOK_MALFORMED'],
      ['a recipient of a megabyte', { recipient: 'x'.repeat(1_000_000) }, 'ERR_WEBHOOK_MALFORMED'],
      ['a message that is too large', { 'body-mime': Buffer.alloc(1_000_001) }, 'ERR_WEBHOOK_TOO_LARGE'],
    ])('refuses %s', async (_case, more, code) => {
      expect(await receive(formOf(fieldsOf(more)))).toEqual(refused(code));
    });

    it('takes what is as old as a last retry, a null sender and several recipients', async () => {
      expect(await receive(formOf(fieldsOf({ timestamp: `${NOW_MS / 1000 - 8 * 3600}` })))).toMatchObject({
        kind: 'message',
      });
      const outcome = await receive(
        formOf(fieldsOf({ sender: '', recipient: 'a@x.example, B@X.example,a@x.example' })),
      );
      expect(outcome).toMatchObject({ mailFrom: '', rcptTo: ['a@x.example', 'b@x.example'] });
    });

    it('passes on an error of the body', async () => {
      const { headers, body } = formOf(fieldsOf());
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(body.subarray(0, body.indexOf('sue') + 100));
        throw new Error('peer gone');
      }
      await expect(mailgun.receive(webhookRequest(headers, broken()), connectorOf())).rejects.toThrow('peer gone');
    });

    it('guarantees that a large message does not lie in memory', async () => {
      const size = 12_000_000;
      const { headers, body } = formOf(fieldsOf({ 'body-mime': 'MARK' }));
      const at = body.indexOf('MARK');
      let most = 0;
      async function* long(): AsyncGenerator<Uint8Array> {
        yield body.subarray(0, at);
        const piece = Buffer.alloc(60_000, 'x');
        for (let made = 0; made < size / piece.length; made += 1) {
          await Promise.resolve();
          if (made % 50 === 0) most = Math.max(most, bufferBytes());
          yield piece;
        }
        yield body.subarray(at + 4);
      }
      const before = bufferBytes();
      const outcome = await mailgun.receive(
        webhookRequest(headers, long()),
        connectorOf({ messageSizeBytesMax: 50_000_000 }),
      );
      expect(most - before).toBeLessThan(size / 3);
      let read = 0;
      if (outcome.kind === 'message') for await (const piece of outcome.raw) read += piece.length;
      expect(read).toBe(size);
    });
  });

  it('takes the message as it is, whatever charset and name its part has', async () => {
    for (const partHeader of [
      '; filename="x.eml"',
      '\r\nContent-Type: text/plain; charset=utf-16',
      '\r\nContent-Type: message/rfc822',
    ]) {
      expect((await rawOf(await receive(multipart(fieldsOf(), partHeader)))).equals(RAW)).toBe(true);
    }
  });

  it.each([
    [
      'a form that ends too early',
      { ...multipart(fieldsOf()), body: multipart(fieldsOf()).body.subarray(0, -20) },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a form that ends too early in its only part',
      { ...multipart([]), body: multipart([['x', 'long'.repeat(100)]]).body.subarray(0, -200) },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a form without boundary',
      { ...multipart(fieldsOf()), headers: { 'content-type': 'multipart/form-data' } },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a form with another boundary',
      { ...multipart(fieldsOf()), headers: { 'content-type': 'multipart/form-data; boundary=other' } },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      '3,000 parts',
      multipart([...Array.from({ length: 3000 }, (_, n) => [`x${n}`, ''] as const), ...fieldsOf()]),
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a half escape',
      { ...urlencoded(fieldsOf()), body: Buffer.concat([urlencoded(fieldsOf()).body, Buffer.from('&a=%4')]) },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a wrong escape',
      { ...urlencoded(fieldsOf()), body: Buffer.concat([Buffer.from('a=%zz&'), urlencoded(fieldsOf()).body]) },
      'ERR_WEBHOOK_MALFORMED',
    ],
    [
      'a name of a kilobyte',
      { ...urlencoded(fieldsOf()), body: Buffer.from(`${'x'.repeat(1000)}=1`) },
      'ERR_WEBHOOK_MALFORMED',
    ],
    ['nothing', { ...urlencoded(fieldsOf()), body: Buffer.alloc(0) }, 'ERR_WEBHOOK_SIGNATURE'],
    ['JSON', { headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') }, 'ERR_WEBHOOK_TYPE'],
    ['no type', { headers: {}, body: Buffer.from('') }, 'ERR_WEBHOOK_TYPE'],
    [
      'a coding',
      { ...multipart(fieldsOf()), headers: { ...multipart([]).headers, 'content-encoding': 'gzip' } },
      'ERR_WEBHOOK_TYPE',
    ],
  ])('refuses %s', async (_name, request: { headers: Record<string, string>; body: Buffer }, code) => {
    expect(await receive(request)).toEqual(refused(code));
    expect(await receive(request, { pieceBytes: 1000 })).toEqual(refused(code));
  });

  it('passes over a header of a megabyte in a part', async () => {
    const outcome = await receive(multipart(fieldsOf(), `\r\nX-Long: ${'x'.repeat(1_000_000)}`));
    expect((await rawOf(outcome)).equals(RAW)).toBe(true);
  });

  it('gives back any bytes, in either form, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        async (bytes, pieceBytes) => {
          for (const [, formOf] of FORMS) {
            const outcome = await receive(formOf(fieldsOf({ 'body-mime': Buffer.from(bytes) })), { pieceBytes });
            expect((await rawOf(outcome)).equals(Buffer.from(bytes))).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('guarantees that any bytes at all are an answer, never a crash', async () => {
    const sound = [multipart(fieldsOf()), urlencoded(fieldsOf())];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sound),
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 20 }),
        async ({ headers, body }, from, length, more) => {
          const at = from % body.length;
          const cut = Buffer.concat([body.subarray(0, at), more, body.subarray(at + (length % 50))]);
          const outcome = await receive({ headers, body: cut }, { pieceBytes: 1 + (length % 40) });
          expect(['message', 'refused']).toContain(outcome.kind);
          if (outcome.kind === 'message') await outcome.discard();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads and makes signing keys', () => {
    expect(mailgun.newSecret((size) => randomBytes(size))).toMatch(/^[0-9a-f]{32}$/);
    expect(Buffer.from(mailgun.parseSecret(KEY) ?? []).toString()).toBe(KEY);
    for (const bad of ['', 'short', 'with space in it', `${KEY}\n`, 'x'.repeat(201)])
      expect(mailgun.parseSecret(bad)).toBeUndefined();
  });
});
