import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { SmtpRelay, type RelayFailure } from '#lib/adapters';
import { Secret } from '#lib/core';
import { outgoingOf, sendOptionsOf } from '../support/outgoing.js';
import { ScriptedSmtp, type SmtpScript } from '../support/scripted-smtp.js';
import { makeTestTlsPair } from '../support/tls-pair.js';

const STARTTLS = ['STARTTLS', 'PIPELINING', 'AUTH PLAIN LOGIN'];
const MESSAGE = 'Subject: x\r\n\r\nHello\r\n';

describe('the way to the relay, encrypted as its URL says', () => {
  let pair: { key: string; cert: string };
  let server: ScriptedSmtp;
  const troubles: RelayFailure[] = [];
  const relays: SmtpRelay[] = [];
  const serve = async (script: SmtpScript) => (server = await ScriptedSmtp.start(script));
  const send = async (url: string) => {
    const relay = new SmtpRelay({
      url: new Secret(url.replace('HOST', `127.0.0.1:${server.port}`)),
      hostName: 'mx.example.com',
      timeouts: { connectMs: 2000, greetingMs: 500, commandMs: 2000 },
      onTrouble: (failure) => troubles.push(failure),
    });
    relays.push(relay);
    const [result] = await relay.send(outgoingOf(MESSAGE), sendOptionsOf());
    return result;
  };
  const trusting = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, pair.cert]);
    try {
      return await work();
    } finally {
      setDefaultCACertificates(before);
    }
  };

  beforeAll(async () => {
    pair = await makeTestTlsPair();
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close({ graceMs: 100 })));
    await server.stop();
    troubles.splice(0);
  });

  it.each([
    ['smtp://HOST', true],
    ['smtp://HOST?tls=opportunistic', true],
    ['smtp://HOST?tls=required', true],
    ['smtp://HOST?tls=none', false],
  ])('%s: encrypted with whatever certificate, or not at all: %p', async (url, isTls) => {
    await serve({ offers: STARTTLS, tls: pair });
    expect(await send(url)).toMatchObject({ outcome: 'delivered' });
    expect(server.messages[0]?.session.isTls).toBe(isTls);
    // What was offered in clear counts for nothing once it is encrypted.
    expect(server.sessions[0]?.commands.filter((command) => command.startsWith('EHLO'))).toHaveLength(isTls ? 2 : 1);
  });

  it('smtp://…?tls=verified: only with a certificate that is valid for the host', async () => {
    await serve({ offers: STARTTLS, tls: pair });
    expect(await send('smtp://HOST?tls=verified')).toMatchObject({
      outcome: 'temporary',
      reply: expect.stringMatching(/could not be encrypted|SELF_SIGNED/),
    });
    expect(await trusting(() => send('smtp://HOST?tls=verified'))).toMatchObject({ outcome: 'delivered' });
    await server.stop();
    const other = await makeTestTlsPair({ dns: 'relay.example' });
    await serve({ offers: STARTTLS, tls: { ...other } });
    pair = { ...pair };
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, other.cert]);
    try {
      expect(await send('smtp://HOST?tls=verified')).toMatchObject({ outcome: 'temporary' });
    } finally {
      setDefaultCACertificates(before);
    }
    expect(server.messages).toEqual([]);
  });

  it.each([['smtp://HOST?tls=required'], ['smtp://HOST?tls=verified']])(
    '%s: nothing goes in clear where the relay does not offer STARTTLS, or refuses it',
    async (url) => {
      await serve({
        offers: ['PIPELINING'],
        answer: (command) => (command === 'STARTTLS' ? '502 5.5.1 what' : undefined),
      });
      expect(await send(url)).toMatchObject({ outcome: 'temporary' });
      expect(server.messages).toEqual([]);
    },
  );

  it.each([
    [
      'refuses STARTTLS',
      { offers: STARTTLS, answer: (command: string) => (command === 'STARTTLS' ? '454 4.7.0 not now' : undefined) },
    ],
    [
      'breaks the handshake',
      {
        offers: STARTTLS,
        answer: (command: string) => (command === 'STARTTLS' ? '220 go on\r\nthis is no TLS' : undefined),
      },
    ],
    [
      'falls silent in the handshake',
      { offers: STARTTLS, answer: (command: string) => (command === 'STARTTLS' ? '220 go on' : undefined) },
    ],
    [
      'drops the connection in the handshake',
      { offers: STARTTLS, answer: (command: string) => (command === 'STARTTLS' ? 'drop' : undefined) },
    ],
  ])('opportunistic goes on in clear where the relay %s, and only that', async (_name, script: SmtpScript) => {
    await serve(script);
    expect(await send('smtp://HOST')).toMatchObject({ outcome: 'delivered' });
    expect(server.messages[0]?.session.isTls).toBe(false);
    expect(await send('smtp://HOST?tls=required')).toMatchObject({ outcome: 'temporary' });
    expect(server.messages).toHaveLength(1);
  });

  it('smtps:// is encrypted from the first byte, verified unless told otherwise', async () => {
    await serve({ tls: { ...pair, isImplicit: true } });
    expect(await send('smtps://HOST')).toMatchObject({ outcome: 'temporary' });
    expect(server.messages).toEqual([]);
    expect(await send('smtps://HOST?tls=required')).toMatchObject({ outcome: 'delivered' });
    expect(await trusting(() => send('smtps://HOST'))).toMatchObject({ outcome: 'delivered' });
    expect(server.messages.every(({ session }) => session.isTls)).toBe(true);
  });

  it('says credentials over TLS, once for each connection', async () => {
    await serve({ offers: STARTTLS, tls: pair });
    const url = 'smtp://sue:p%40ss@HOST?tls=required';
    expect(await send(url)).toMatchObject({ outcome: 'delivered' });
    const login = Buffer.from('\0sue\0p@ss').toString('base64');
    expect(server.sessions[0]?.commands.filter((command) => command.startsWith('AUTH'))).toEqual([
      `AUTH PLAIN ${login}`,
    ]);
    expect(server.sessions[0]?.isTls).toBe(true);
  });

  it('is refused for a while, never for good, where credentials are refused, and shows nothing of them', async () => {
    await serve({
      offers: STARTTLS,
      tls: pair,
      answer: (command) => (command.startsWith('AUTH') ? '535 5.7.8 no' : undefined),
    });
    const result = await send('smtp://sue:hunter2@HOST?tls=required');
    expect(result).toEqual({
      address: 'ann@customer.example',
      outcome: 'temporary',
      reply: 'The relay did not take our credentials. It said: 535 5.7.8 no',
    });
    expect(inspect(result) + inspect(troubles, { depth: 9 })).not.toContain('hunter2');
    expect(server.messages).toEqual([]);
    await server.stop();
    await serve({ offers: ['STARTTLS'], tls: pair });
    expect(await send('smtp://sue:hunter2@HOST')).toMatchObject({ outcome: 'temporary' });
  });

  it('says credentials in clear within the machine only, or where ?tls=none asks for it', async () => {
    await serve({ offers: ['AUTH PLAIN'] });
    expect(await send('smtp://sue:hunter2@HOST')).toMatchObject({ outcome: 'delivered' });
    expect(await send('smtp://sue:hunter2@HOST?tls=none')).toMatchObject({ outcome: 'delivered' });
  });
});
