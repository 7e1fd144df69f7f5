import { SmtpRelay, type RelayFailure, type SmtpRelayOptions } from '#lib/adapters';
import { fixedClock, Secret } from '#lib/core';
import { freePort } from '../support/free-port.js';
import { outgoingOf, sendOptionsOf } from '../support/outgoing.js';
import { ScriptedSmtp, type SmtpScript } from '../support/scripted-smtp.js';
import { waitFor } from '../support/wait-for.js';

const ANN = 'ann@customer.example';
const MESSAGE = 'Subject: x\r\n\r\nHello\r\n';
const SHORT = { connectMs: 400, greetingMs: 300, commandMs: 300, finalMs: 700 };

describe('SmtpRelay in misfortune', () => {
  let server: ScriptedSmtp;
  const relays: SmtpRelay[] = [];
  const troubles: RelayFailure[] = [];
  const serve = async (script: SmtpScript = {}) => (server = await ScriptedSmtp.start(script));
  const open = (options: Partial<SmtpRelayOptions> = {}) => {
    const relay = new SmtpRelay({
      url: new Secret(`smtp://127.0.0.1:${server.port}?tls=none`),
      hostName: 'mx.example.com',
      timeouts: SHORT,
      onTrouble: (failure) => troubles.push(failure),
      ...options,
    });
    relays.push(relay);
    return relay;
  };
  const send = (relay = open()) => relay.send(outgoingOf(MESSAGE), sendOptionsOf());
  const temporary = (reply: RegExp) => [{ address: ANN, outcome: 'temporary', reply: expect.stringMatching(reply) }];

  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close({ graceMs: 100 })));
    await server.stop();
    troubles.splice(0);
  });

  it('nobody listens', async () => {
    await serve();
    const url = new Secret(`smtp://127.0.0.1:${await freePort()}?tls=none`);
    expect(await send(open({ url }))).toEqual(temporary(/^The connection to the relay failed \(ECONNREFUSED\)\.$/));
    expect(troubles).toHaveLength(1);
  });

  it('nobody listens, and somebody does later', async () => {
    await serve();
    const { port } = server;
    await server.stop();
    const clock = fixedClock('2026-11-24T10:00:00Z');
    const relay = open({ clock, url: new Secret(`smtp://user:hunter2@127.0.0.1:${port}?tls=none`) });
    expect(relay.facts).toEqual({});
    await send(relay);
    clock.set('2026-11-24T10:05:00Z');
    await send(relay);
    expect(relay.facts).toEqual({
      relayFailedSince: '2026-11-24T10:00:00.000Z',
      relayFailedAt: '2026-11-24T10:05:00.000Z',
      relayFailure: 'ECONNREFUSED',
      relayHost: `127.0.0.1:${port}`,
    });
    server = await ScriptedSmtp.start({ offers: ['AUTH PLAIN'] }, port);
    clock.set('2026-11-24T10:10:00Z');
    await send(relay);
    expect(relay.facts).toEqual({ relayReachedAt: '2026-11-24T10:10:00.000Z' });
  });

  it('the name of the relay does not resolve', async () => {
    await serve();
    const relay = open({ url: new Secret('smtp://relay.invalid?tls=none') });
    expect(await send(relay)).toEqual(
      temporary(/^(The name of the relay could not be resolved|The relay did not answer)/),
    );
  });

  it.each([
    ['greets with 421', () => '421 4.3.2 too busy', /421 4\.3\.2 too busy/],
    [
      'greets with 554, which is about the server and not about the message',
      () => '554 5.3.2 no service',
      /554 5\.3\.2 no service/,
    ],
    ['greets with nonsense', () => 'HTTP/1.1 400 Bad Request', /makes no sense/],
    ['ends the connection before the greeting', () => 'drop', /closed/],
    ['never greets', () => 'silence', /in time/],
  ])('the relay %s', async (_name, greeting, reply) => {
    await serve({ greeting });
    expect(await send()).toEqual(temporary(reply));
  });

  it.each(['EHLO', 'MAIL', 'RCPT', 'DATA'])('the relay falls silent after %s', async (verb) => {
    await serve({ offers: [], answer: (command) => (command.startsWith(verb) ? 'silence' : undefined) });
    expect(await send()).toEqual(temporary(/in time/));
    expect(server.messages).toEqual([]);
  });

  it.each(['EHLO', 'MAIL', 'RCPT', 'DATA'])('the relay drops the connection at %s', async (verb) => {
    for (const offers of [[], ['PIPELINING']]) {
      await serve({ offers, answer: (command) => (command.startsWith(verb) ? 'drop' : undefined) });
      expect(await send()).toEqual(temporary(/closed|failed/));
      expect(server.messages).toEqual([]);
      if (offers.length === 0) await server.stop();
    }
  });

  it.each(['MAIL', 'RCPT', 'DATA'])('the relay says 421 to %s and ends the connection', async (verb) => {
    await serve({ answer: (command) => (command.startsWith(verb) ? '421 4.3.2 going down' : undefined) });
    const relay = open();
    expect(await send(relay)).toEqual(temporary(/421 4\.3\.2 going down/));
    server.script = {};
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('the connection is lost after the final dot: it may have been taken, so it is temporary, and goes again', async () => {
    let isLost = false;
    await serve({ taken: () => (isLost ? undefined : ((isLost = true), 'drop')) });
    const relay = open();
    expect(await send(relay)).toEqual(temporary(/closed|failed/));
    expect(server.messages).toHaveLength(1);
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
    expect(server.messages[1]?.wire.equals(server.messages[0]!.wire)).toBe(true);
  });

  it('the answer to the final dot may take longer than those before it, not for ever', async () => {
    await serve({ taken: () => 'silence' });
    const startedAt = Date.now();
    expect(await send()).toEqual(temporary(/in time/));
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(SHORT.finalMs - 50);
    expect(server.messages).toHaveLength(1);
  });

  it('a kept connection that the relay has ended is no misfortune: the message goes on a fresh one', async () => {
    await serve();
    const relay = open();
    await send(relay);
    let isFirst = true;
    server.script = {
      answer: (command) => (command.startsWith('MAIL') && isFirst ? ((isFirst = false), 'drop') : undefined),
    };
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
    isFirst = true;
    server.script = {
      answer: (command) => (command.startsWith('MAIL') && isFirst ? ((isFirst = false), '421 4.4.2 idle') : undefined),
    };
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
    expect(server.messages).toHaveLength(3);
    server.dropAll();
    await waitFor('the relay to be alone', () => server.open === 0);
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
    expect(troubles).toEqual([]);
  });

  it.each([
    ['nonsense', 'what do you want'],
    ['binary nonsense', '\u0000\u00ff\u00fe\u0001'],
    ['a number that is no code', '999999 hello'],
  ])('the relay answers %s to RCPT, and is asked on another connection', async (_name, reply) => {
    for (const offers of [[], ['PIPELINING']]) {
      await serve({ offers, answer: (command) => (command.startsWith('RCPT') ? reply : undefined) });
      const [result] = await send();
      expect(result?.outcome).toBe('temporary');
      expect(result?.reply).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(server.bytes).toBe(0);
      if (offers.length === 0) await server.stop();
    }
  });

  it.each([
    ['in one line', `550 5.1.1 ${'x'.repeat(1_000_000)}`],
    ['in many lines', `${'550-5.1.1 and so on\r\n'.repeat(50_000)}550 5.1.1 end`],
    ['that never ends', '550-5.1.1 and so on\r\n'.repeat(50_000)],
  ])('the relay answers with a megabyte %s', async (_name, reply) => {
    await serve({ answer: (command) => (command.startsWith('RCPT') ? reply : undefined) });
    const [result] = await send();
    expect(result?.outcome).toBe('temporary');
    expect(result?.reply.length).toBeLessThanOrEqual(500);
  });

  it('the copy cannot be read to its end: no dot ends it, so nobody gets half a message', async () => {
    await serve({ offers: [] });
    const relay = open();
    const bytes = Buffer.alloc(300_000, 'x\r\n');
    async function* broken(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield bytes;
      throw Object.assign(new Error('blob gone: ann@customer.example'), { code: 'ERR_BLOB_MISSING' });
    }
    const large = outgoingOf(bytes, [ANN], { open: broken, sizeBytes: 600_000 });
    expect(await relay.send(large, sendOptionsOf())).toEqual(temporary(/^The copy could not be read to its end\.$/));
    await waitFor('the connection to end', () => server.open === 0);
    expect(server.bytes).toBeGreaterThan(0);
    expect(server.messages).toEqual([]);
    const small = outgoingOf(bytes, [ANN], { open: broken, sizeBytes: 100 });
    expect(await relay.send(small, sendOptionsOf())).toEqual(temporary(/^The copy could not be read to its end\.$/));
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('the relay is down: all that wait hear of it together, and it is used again when it is back', async () => {
    await serve({ greeting: () => 'silence' });
    const relay = open({ connectionsMax: 2 });
    const results = await Promise.all(Array.from({ length: 50 }, () => send(relay)));
    expect(results.every(([result]) => result?.outcome === 'temporary')).toBe(true);
    expect(server.sessions.length).toBeLessThanOrEqual(2);
    server.script = {};
    expect(await send(relay)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('the relay is restarted under load: each message is delivered or temporary, and none hangs', async () => {
    await serve();
    const relay = open({ connectionsMax: 4 });
    let count = 0;
    const work = Array.from({ length: 8 }, async () => {
      const outcomes: string[] = [];
      while (count++ < 400) {
        if (count % 100 === 0) server.dropAll();
        const [result] = await send(relay);
        outcomes.push(result?.outcome ?? 'none');
      }
      return outcomes;
    });
    const outcomes = (await Promise.all(work)).flat();
    expect(outcomes).toHaveLength(400);
    expect(new Set(outcomes).has('none')).toBe(false);
    expect(new Set(outcomes).has('permanent')).toBe(false);
    expect(server.messages.length).toBeGreaterThanOrEqual(outcomes.filter((outcome) => outcome === 'delivered').length);
  });
});
