import { SmtpRelay, type SmtpRelayOptions } from '#lib/adapters';
import { Secret } from '#lib/core';
import { outgoingOf, sendOptionsOf } from '../support/outgoing.js';
import { ScriptedSmtp, type SmtpScript } from '../support/scripted-smtp.js';
import { inPieces } from '../support/streams.js';
import { waitFor } from '../support/wait-for.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const MESSAGE = 'Subject: x\r\n\r\nHello\r\n';

describe('SmtpRelay', () => {
  let server: ScriptedSmtp;
  const relays: SmtpRelay[] = [];
  const serve = async (script: SmtpScript = {}) => {
    server = await ScriptedSmtp.start(script);
    return server;
  };
  const open = (options: Partial<SmtpRelayOptions> = {}) => {
    const url = new Secret(`smtp://127.0.0.1:${server.port}?tls=none`);
    const relay = new SmtpRelay({ url, hostName: 'mx.example.com', ...options });
    relays.push(relay);
    return relay;
  };
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close({ graceMs: 100 })));
    await server.stop();
  });

  it('delivers and gives the reply of the relay for each recipient', async () => {
    await serve();
    expect(await open().send(outgoingOf(MESSAGE, [ANN, BOB]), sendOptionsOf())).toEqual([
      { address: ANN, outcome: 'delivered', reply: '250 2.0.0 taken' },
      { address: BOB, outcome: 'delivered', reply: '250 2.0.0 taken' },
    ]);
    const [message] = server.messages;
    expect(message?.mail).toBe(`MAIL FROM:<sue@example.com> SIZE=${MESSAGE.length}`);
    expect(message?.rcpt).toEqual([`RCPT TO:<${ANN}>`, `RCPT TO:<${BOB}>`]);
    expect(server.sessions[0]?.commands[0]).toBe('EHLO mx.example.com');
  });

  it.each([
    ['dots at the start of lines', 'a: b\r\n\r\n.\r\n..\r\n.x\r\nx.\r\n'],
    ['a dot as the very first character', '.a: b\r\n\r\n'],
    ['no empty line', 'a: b\r\n'],
    ['trailing empty lines', 'a: b\r\n\r\n\r\n\r\n'],
    [
      'bytes of every kind',
      Buffer.concat([
        Buffer.from('a: b\r\n\r\n'),
        Buffer.from(Array.from({ length: 256 }, (_, n) => n).filter((n) => n !== 10 && n !== 13)),
        Buffer.from('\r\n'),
      ]),
    ],
    ['lines over 998 octets', `a: b\r\n\r\n${'y'.repeat(5000)}\r\n`],
  ])(
    'guarantees that what leaves is what the copy is, with stuffed dots and nothing else: %s',
    async (_name, message) => {
      await serve();
      const bytes = Buffer.from(message);
      for (const pieceBytes of [1, 7, 65_536]) {
        const small = outgoingOf(bytes, [ANN], { open: () => inPieces(bytes, pieceBytes) });
        // The size decides whether it is gathered or streamed.
        const large = outgoingOf(bytes, [ANN], { open: () => inPieces(bytes, pieceBytes), sizeBytes: 1_000_000 });
        for (const outgoing of [small, large]) await open().send(outgoing, sendOptionsOf());
      }
      const stuffed = bytes.toString('latin1').replace(/^\./gm, '..');
      expect(server.messages).toHaveLength(6);
      for (const { wire } of server.messages) expect(wire.toString('latin1')).toBe(stuffed);
    },
  );

  it('adds the CRLF that a message without one needs, since SMTP cannot carry it otherwise', async () => {
    await serve();
    await open().send(outgoingOf('a: b\r\n\r\nno line end'), sendOptionsOf());
    expect(server.messages[0]?.wire.toString()).toBe('a: b\r\n\r\nno line end\r\n');
  });

  it('says the null sender as it is', async () => {
    await serve({ offers: [] });
    await open().send(outgoingOf(MESSAGE, [ANN], { mailFrom: '' }), sendOptionsOf());
    expect(server.messages[0]?.mail).toBe('MAIL FROM:<>');
  });

  it.each([
    ['with PIPELINING', ['PIPELINING']],
    ['without', []],
  ])('settles each recipient by itself, %s', async (_name, offers) => {
    await serve({
      offers,
      answer: (command) =>
        command.includes('late')
          ? '450 4.2.0 not now'
          : command.includes('gone')
            ? '550-5.1.1 gone\r\n550 5.1.1 for good'
            : undefined,
    });
    const to = ['late@x.example', ANN, 'gone@x.example', BOB];
    expect(await open().send(outgoingOf(MESSAGE, to), sendOptionsOf())).toEqual([
      { address: 'late@x.example', outcome: 'temporary', reply: '450 4.2.0 not now' },
      { address: ANN, outcome: 'delivered', reply: '250 2.0.0 taken' },
      { address: 'gone@x.example', outcome: 'permanent', reply: '550 5.1.1 gone for good' },
      { address: BOB, outcome: 'delivered', reply: '250 2.0.0 taken' },
    ]);
    expect(server.messages.map(({ rcpt }) => rcpt)).toEqual([[`RCPT TO:<${ANN}>`, `RCPT TO:<${BOB}>`]]);
  });

  it.each([
    ['with PIPELINING', ['PIPELINING']],
    ['without', []],
  ])('sends nothing when all are refused, and uses the connection for the next, %s', async (_name, offers) => {
    await serve({
      offers,
      answer: (command) =>
        command.includes('gone') ? '550 5.1.1 gone' : command.includes('late') ? '450 4.2.0 later' : undefined,
    });
    const relay = open();
    expect(await relay.send(outgoingOf(MESSAGE, ['gone@x.example', 'late@x.example']), sendOptionsOf())).toEqual([
      { address: 'gone@x.example', outcome: 'permanent', reply: '550 5.1.1 gone' },
      { address: 'late@x.example', outcome: 'temporary', reply: '450 4.2.0 later' },
    ]);
    expect(server.bytes).toBe(0);
    expect(await relay.send(outgoingOf(MESSAGE), sendOptionsOf())).toMatchObject([{ outcome: 'delivered' }]);
    expect(server.sessions).toHaveLength(1);
    expect(server.sessions[0]?.commands).toContain('RSET');
  });

  it.each([
    ['MAIL FROM', /^MAIL/, '451 4.7.1 greylisted', 'temporary'],
    ['MAIL FROM', /^MAIL/, '553 5.1.8 bad sender', 'permanent'],
    ['MAIL FROM, about the session', /^MAIL/, '530 5.7.0 authenticate first', 'temporary'],
    ['DATA', /^DATA/, '451 4.3.0 disk', 'temporary'],
    ['DATA', /^DATA/, '554 5.7.1 policy', 'permanent'],
  ])('tells all recipients what was said to %s', async (_name, pattern, reply, outcome) => {
    for (const offers of [['PIPELINING'], []]) {
      await serve({ offers, answer: (command) => (pattern.test(command) ? reply : undefined) });
      const results = await open().send(outgoingOf(MESSAGE, [ANN, BOB]), sendOptionsOf());
      expect(results).toEqual([ANN, BOB].map((address) => ({ address, outcome, reply })));
      expect(server.messages).toEqual([]);
      if (offers.length > 0) await server.stop();
    }
  });

  it.each([
    ['450 4.3.0 scanner away', 'temporary'],
    ['554 5.6.0 no such mail here', 'permanent'],
    ['354 what', 'temporary'],
    ['2fine', 'temporary'],
    ['250', 'delivered'],
  ])('takes %s to the message for %s', async (reply, outcome) => {
    await serve({ taken: () => reply });
    expect(await open().send(outgoingOf(MESSAGE), sendOptionsOf())).toEqual([{ address: ANN, outcome, reply }]);
  });

  it('declares 8-bit content where the relay knows it, and sends it all the same where it does not', async () => {
    const message = Buffer.from('a: b\r\n\r\nGrüße\r\n');
    for (const [offers, expected] of [
      [['8BITMIME'], 'MAIL FROM:<sue@example.com> BODY=8BITMIME'],
      [[], 'MAIL FROM:<sue@example.com>'],
    ] as const) {
      await serve({ offers });
      expect(await open().send(outgoingOf(message, [ANN], { has8bit: true }), sendOptionsOf())).toMatchObject([
        { outcome: 'delivered' },
      ]);
      expect(server.messages[0]?.mail).toBe(expected);
      expect(server.messages[0]?.wire.equals(message)).toBe(true);
      if (offers.length > 0) await server.stop();
    }
  });

  it('says SMTPUTF8 where an address needs it', async () => {
    await serve({ offers: ['SMTPUTF8'] });
    await open().send(outgoingOf(MESSAGE, ['änn@customer.example']), sendOptionsOf());
    expect(server.messages[0]?.mail).toBe('MAIL FROM:<sue@example.com> SMTPUTF8');
    expect(server.messages[0]?.rcpt).toEqual(['RCPT TO:<änn@customer.example>']);
  });

  it('refuses for good those recipients, and only those, whom the relay cannot be told of', async () => {
    await serve({ offers: [] });
    const to = ['änn@customer.example', BOB, '"a<b"@customer.example'];
    expect(await open().send(outgoingOf(MESSAGE, to), sendOptionsOf())).toMatchObject([
      { outcome: 'permanent', reply: expect.stringMatching(/^5\.6\.7 /) },
      { outcome: 'delivered' },
      { outcome: 'permanent', reply: expect.stringMatching(/^5\.1\.3 /) },
    ]);
    const fromUtf8 = outgoingOf(MESSAGE, [ANN, BOB], { mailFrom: 'süe@example.com' });
    expect(await open().send(fromUtf8, sendOptionsOf())).toMatchObject([
      { outcome: 'permanent', reply: expect.stringMatching(/^5\.6\.7 /) },
      { outcome: 'permanent', reply: expect.stringMatching(/^5\.6\.7 /) },
    ]);
    expect(server.messages).toHaveLength(1);
  });

  it('refuses for good what is larger than the relay says that it takes', async () => {
    await serve({ offers: ['SIZE 1000'] });
    const outgoing = outgoingOf(Buffer.alloc(1001, 'x'));
    expect(await open().send(outgoing, sendOptionsOf())).toMatchObject([
      { outcome: 'permanent', reply: expect.stringMatching(/^5\.3\.4 /) },
    ]);
    expect(server.bytes).toBe(0);
  });

  it('passes on for each recipient what the sender wanted to be told, where the relay knows DSN', async () => {
    const options = sendOptionsOf({
      dsnReturn: 'HDRS',
      envid: 'QQ314159',
      orcpt: new Map([[ANN, 'rfc822;Ann+2BX@customer.example']]),
      notify: new Map([
        [ANN, 'SUCCESS,FAILURE'],
        [BOB, 'NEVER'],
      ]),
    });
    await serve({ offers: ['DSN', 'PIPELINING'] });
    const results = await open().send(outgoingOf(MESSAGE, [ANN, BOB, 'carl@customer.example']), options);
    expect(results.map(({ isDsnPassedOn }) => isDsnPassedOn)).toEqual([true, true, undefined]);
    expect(server.messages[0]).toMatchObject({
      mail: 'MAIL FROM:<sue@example.com> RET=HDRS ENVID=QQ314159',
      rcpt: [
        `RCPT TO:<${ANN}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Ann+2BX@customer.example`,
        `RCPT TO:<${BOB}> NOTIFY=NEVER`,
        'RCPT TO:<carl@customer.example>',
      ],
    });
    await server.stop();
    await serve({ offers: ['XDSN-NOT', 'MY DSN'] });
    expect(await open().send(outgoingOf(MESSAGE), options)).toEqual([
      { address: ANN, outcome: 'delivered', reply: '250 2.0.0 taken' },
    ]);
    expect(server.messages[0]?.rcpt).toEqual([`RCPT TO:<${ANN}>`]);
  });

  it('says each mailbox as it was given, and answers for the address', async () => {
    await serve({
      offers: ['DSN'],
      answer: (command) => (command === 'RCPT TO:<Bob@customer.example> NOTIFY=NEVER' ? '550 5.1.1 gone' : undefined),
    });
    const options = sendOptionsOf({
      paths: new Map([[BOB, 'Bob@customer.example']]),
      notify: new Map([[BOB, 'NEVER']]),
    });
    const results = await open().send(outgoingOf(MESSAGE, [ANN, BOB]), options);
    expect(server.messages[0]?.rcpt).toEqual([`RCPT TO:<${ANN}>`]);
    expect(results.map(({ address, outcome }) => [address, outcome])).toEqual([
      [ANN, 'delivered'],
      [BOB, 'permanent'],
    ]);
  });

  it('tells more than 100 recipients in several transactions, each with its own replies', async () => {
    await serve({ answer: (command) => (command.includes('r205@') ? '550 5.1.1 gone' : undefined) });
    const to = Array.from({ length: 250 }, (_, n) => `r${n}@customer.example`);
    const results = await open().send(outgoingOf(MESSAGE, to), sendOptionsOf());
    expect(results.map(({ address }) => address)).toEqual(to);
    expect(results.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(249);
    expect(results[205]).toMatchObject({ outcome: 'permanent' });
    expect(server.messages.map(({ rcpt }) => rcpt.length)).toEqual([100, 100, 49]);
  });

  it('keeps connections, no more than it may, and ends each after so many messages', async () => {
    await serve();
    const relay = open({ connectionsMax: 3, messagesPerConnectionMax: 10 });
    let most = 0;
    server.script = { taken: () => void (most = Math.max(most, server.open)) };
    const results = await Promise.all(
      Array.from({ length: 100 }, () => relay.send(outgoingOf(MESSAGE), sendOptionsOf())),
    );
    expect(results.every(([result]) => result?.outcome === 'delivered')).toBe(true);
    expect(most).toBeLessThanOrEqual(3);
    expect(server.sessions.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...server.sessions.map(({ messages }) => messages))).toBe(10);
  });

  it('guarantees that what waited for a connection is not begun when it may not be any more', async () => {
    await serve({ taken: () => 'silence' });
    const relay = open({ connectionsMax: 1 });
    const first = relay.send(outgoingOf(MESSAGE), sendOptionsOf());
    await waitFor('the message to be taken', () => server.messages.length === 1);
    let isWanted = true;
    const second = relay.send(outgoingOf(MESSAGE, [BOB]), { ...sendOptionsOf(), mayBegin: () => isWanted });
    isWanted = false;
    server.script = {};
    server.dropAll();
    await first;
    expect(await second).toMatchObject([{ address: BOB, outcome: 'temporary' }]);
    expect(server.messages).toHaveLength(1);
    isWanted = true;
    expect(await relay.send(outgoingOf(MESSAGE, [BOB]), sendOptionsOf())).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('ends connections that nobody needs any more, with QUIT', async () => {
    await serve();
    await open({ idleMs: 30 }).send(outgoingOf(MESSAGE), sendOptionsOf());
    await waitFor('the connection to end', () => server.open === 0);
    expect(server.sessions[0]?.commands.at(-1)).toBe('QUIT');
  });

  it('ends what is idle and waits for what is not when it is closed, and sends nothing more', async () => {
    let answer: () => void = () => undefined;
    await serve({ taken: () => 'silence' });
    const relay = open();
    const sent = relay.send(outgoingOf(MESSAGE), sendOptionsOf());
    await waitFor('the message to be taken', () => server.messages.length === 1);
    let isClosed = false;
    const closing = relay.close({ graceMs: 10_000 }).then(() => (isClosed = true));
    expect(await relay.send(outgoingOf(MESSAGE), sendOptionsOf())).toMatchObject([{ outcome: 'temporary' }]);
    expect(isClosed).toBe(false);
    answer = () => server.dropAll();
    answer();
    expect(await sent).toMatchObject([{ outcome: 'temporary' }]);
    await closing;
    expect(isClosed).toBe(true);
  });

  it('says that it is not configured without a URL', async () => {
    await serve();
    const relay = open({ url: undefined });
    expect(relay.isConfigured).toBe(false);
    expect(await relay.send(outgoingOf(MESSAGE), sendOptionsOf())).toMatchObject([{ outcome: 'temporary' }]);
    expect(open().isConfigured).toBe(true);
  });
});
