import { AdapterError } from '#lib/adapters';
import { API_KEY, CLINIC, MemoryDoor, MUSEUM } from '../../../../test/support/memory-door.js';
import { SmtpClient, type SmtpReply } from '../../../../test/support/smtp-client.js';
import { waitFor } from '../../../../test/support/wait-for.js';

const ANN = 'ann@clinic.example';
const BOB = 'bob@customer.example';
const MESSAGE = Buffer.from('From: ann@clinic.example\r\nSubject: x\r\n\r\nhello\r\n');

let door: MemoryDoor;
const clients: SmtpClient[] = [];

async function start(...given: Parameters<typeof MemoryDoor.start>): Promise<void> {
  door = await MemoryDoor.start(...given);
}

async function open(): Promise<SmtpClient> {
  const client = await SmtpClient.connect(door.port);
  clients.push(client);
  return client;
}

async function openTls(): Promise<SmtpClient> {
  const client = await (await open()).startTls();
  clients.push(client);
  await client.command('EHLO client.example');
  return client;
}

function plain({ id, token }: { id: string; token: string }): string {
  return `AUTH PLAIN ${Buffer.from(`\0${id}\0${token}`).toString('base64')}`;
}

/** Each line with its answer. */
async function say(client: SmtpClient, ...lines: readonly string[]): Promise<SmtpReply[]> {
  const replies: SmtpReply[] = [];
  for (const line of lines) replies.push(await client.command(line));
  return replies;
}

const denied = { code: 550, text: '5.7.1 Relaying denied.' };
/** To whom we know, with what is wrong. */
const deniedSaying = (why: RegExp) => ({ code: 550, text: expect.stringMatching(why) });

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await door.stop();
});

describe('A message', () => {
  it('is answered with its id when it is kept, with all that the envelope said', async () => {
    await start();
    const client = await open();
    await say(client, `MAIL FROM:<Ann@Clinic.example> RET=HDRS ENVID=QQ314 BODY=8BITMIME SIZE=${MESSAGE.length}`);
    await say(
      client,
      `RCPT TO:<Bob@Customer.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob+2B@c.example`,
      'RCPT TO:<it@clinic.example> NOTIFY=NEVER',
    );
    await say(client, 'DATA');
    client.write(`${MESSAGE.toString()}.\r\n`);
    const reply = await client.reply();
    const [kept] = door.kept;
    expect(reply).toEqual({ code: 250, text: `2.0.0 ${kept?.id ?? ''} accepted` });
    expect(kept).toMatchObject({
      organizationId: CLINIC,
      raw: MESSAGE,
      envelope: {
        mailFrom: 'Ann@clinic.example',
        dsnReturn: 'HDRS',
        envid: 'QQ314',
        rcptTo: [
          { address: BOB, notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;bob+2B@c.example' },
          { address: 'it@clinic.example', notify: 'NEVER', orcpt: null },
        ],
      },
      connection: {
        source: 'smtp',
        isAuthenticated: true,
        isTrustedNetwork: true,
        ip: '127.0.0.1',
        helo: 'client.example',
        isTls: false,
        apiKeyId: null,
        connectorId: null,
      },
    });
  });

  it('is not answered before it is durable', async () => {
    await start();
    let letGo: () => void = () => undefined;
    door.gate = new Promise((resolve) => (letGo = resolve));
    const client = await open();
    const sent = client.send(ANN, [BOB], MESSAGE);
    await waitFor('the blob to be written', () => door.written.length === 1);
    const first = await Promise.race([sent, new Promise((resolve) => setImmediate(() => resolve('no answer yet')))]);
    expect(first).toBe('no answer yet');
    letGo();
    expect(await sent).toMatchObject({ code: 250 });
  });

  it('to the same address twice is to one recipient, with what was said last', async () => {
    await start();
    const client = await open();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'RCPT TO:<BOB@customer.example> NOTIFY=NEVER', 'DATA');
    client.write('x\r\n.\r\n');
    await client.reply();
    expect(door.kept[0]?.envelope.rcptTo).toEqual([
      { address: BOB, notify: 'NEVER', orcpt: null, path: 'BOB@customer.example' },
    ]);
  });

  it('is forgotten by RSET, EHLO and the end of the message before', async () => {
    await start();
    const client = await open();
    for (const end of ['RSET', 'EHLO client.example']) {
      await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, end);
      expect(await client.command('DATA')).toMatchObject({ code: 503 });
    }
    await client.send(ANN, [BOB], MESSAGE);
    await client.send(ANN, ['carl@customer.example'], MESSAGE);
    expect(door.kept.map(({ envelope }) => envelope.rcptTo.map(({ address }) => address))).toEqual([
      [BOB],
      ['carl@customer.example'],
    ]);
  });
});

describe('Who may send to whom', () => {
  it('a trusted network as the organization: to anyone; as anybody and with the null sender: to its domains', async () => {
    await start();
    const client = await open();
    expect(await client.send('', ['it@clinic.example'], MESSAGE)).toMatchObject({ code: 250 });
    await client.command('RSET');
    expect(await client.send('eve@elsewhere.example', [BOB], MESSAGE)).toEqual(
      deniedSaying(/neither MAIL FROM nor this recipient .*SEALFLOW_ORG_DOMAINS/),
    );
    await client.command('RSET');
    expect(await client.send('eve@elsewhere.example', ['it@clinic.example'], MESSAGE)).toMatchObject({ code: 250 });
    expect(door.kept.map(({ connection }) => connection)).toMatchObject([
      { isAuthenticated: false, isTrustedNetwork: true },
      { isAuthenticated: false, isTrustedNetwork: true },
    ]);
  });

  it('a second organization in one transaction: asks for another transaction, and takes it', async () => {
    await start();
    const client = await open();
    const replies = await say(
      client,
      'MAIL FROM:<eve@elsewhere.example>',
      'RCPT TO:<it@clinic.example>',
      'RCPT TO:<guard@museum.example>',
      'RCPT TO:<ann@clinic.example>',
      'DATA',
    );
    expect(replies.map(({ code }) => code)).toEqual([250, 250, 451, 250, 354]);
    expect(replies[2]?.text).toMatch(/^4\.5\.3 /);
    client.write('x\r\n.\r\n');
    await client.reply();
    await client.send('eve@elsewhere.example', ['guard@museum.example'], MESSAGE);
    expect(door.kept.map(({ organizationId }) => organizationId)).toEqual([CLINIC, MUSEUM]);
  });

  it('a stranger: to nobody, and the database is not asked', async () => {
    await start({ trustedNetworks: ['192.0.2.0/24'] });
    door.failure = { at: 'look', error: new AdapterError('ERR_DATABASE_AWAY') };
    const client = await open();
    for (const sender of [ANN, 'eve@elsewhere.example', '']) {
      expect(await client.command(`MAIL FROM:<${sender}>`)).toEqual(denied);
    }
  });

  it('a key: as its organization to anyone, and as nobody else', async () => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    expect(await client.command(plain(API_KEY))).toMatchObject({ code: 235 });
    for (const sender of ['eve@elsewhere.example', 'guard@museum.example', '']) {
      expect(await client.command(`MAIL FROM:<${sender}>`)).toEqual(deniedSaying(/MAIL FROM .*SEALFLOW_ORG_DOMAINS/));
    }
    expect(await client.send(ANN, [BOB], MESSAGE)).toMatchObject({ code: 250 });
    expect(door.kept).toMatchObject([
      { connection: { isAuthenticated: true, isTrustedNetwork: false, isTls: true, apiKeyId: API_KEY.id } },
    ]);
  });

  it('postmaster alone is the postmaster of the organization', async () => {
    await start();
    const client = await open();
    expect(await client.send(ANN, ['postmaster'], MESSAGE)).toMatchObject({ code: 250 });
    expect(door.kept[0]?.envelope.rcptTo).toMatchObject([{ address: 'it@clinic.example' }]);
    await client.command('MAIL FROM:<eve@elsewhere.example>');
    expect(await client.command('RCPT TO:<Postmaster>')).toEqual(denied);
  });
});

describe('What cannot be kept', () => {
  it.each([
    ['look', new AdapterError('ERR_DATABASE_AWAY'), 451, '4.3.0'],
    ['look', new Error('secret inside'), 451, '4.3.0'],
    ['write', new AdapterError('ERR_BLOB_DISK_FULL'), 452, '4.3.1'],
    ['write', new AdapterError('ERR_BLOB_UNAVAILABLE'), 451, '4.3.0'],
    ['accept', new AdapterError('ERR_DATABASE_AWAY'), 451, '4.3.0'],
    ['accept', new AdapterError('ERR_DATABASE_FULL'), 452, '4.3.1'],
    ['accept', new Error('secret inside'), 451, '4.3.0'],
  ] as const)('for trouble at %s (%s): %i, and is taken when it is over', async (at, error, code, status) => {
    await start();
    door.failure = { at, error };
    const client = await open();
    const reply = await client.send(ANN, [BOB], MESSAGE);
    expect(reply.code).toBe(code);
    expect(reply.text).toMatch(new RegExp(`^${status.replaceAll('.', '\\.')} `));
    expect(reply.text).not.toContain('secret');
    expect(door.troubles).toEqual([error]);
    expect(door.kept).toEqual([]);
    door.failure = undefined;
    await client.command('RSET');
    expect(await client.send(ANN, [BOB], MESSAGE)).toMatchObject({ code: 250 });
  });

  it('anything before the database has been there: 451, to strangers too', async () => {
    await start({ trustedNetworks: [] });
    door.isOpen = false;
    const client = await open();
    expect(await client.command(`MAIL FROM:<${ANN}>`)).toEqual({
      code: 451,
      text: '4.3.2 This server is still starting.',
    });
  });

  it('too large a SIZE: 552 at MAIL', async () => {
    await start();
    const client = await open();
    const reply = await client.command(`MAIL FROM:<${ANN}> SIZE=1000001`);
    expect(reply.code).toBe(552);
    expect(reply.text).toMatch(/^5\.3\.4 /);
  });

  it('too large a message: 552 behind its end, and the session goes on', async () => {
    await start({ messageSizeBytesMax: 10_000 });
    const client = await open();
    expect(await client.send(ANN, [BOB], Buffer.alloc(15_000, 'line of text\r\n'))).toEqual({
      code: 552,
      text: '5.3.4 The message is larger than this server takes.',
    });
    expect(await client.send(ANN, [BOB], MESSAGE)).toMatchObject({ code: 250 });
    expect(door.kept).toHaveLength(1);
  });

  it('an endless message: 552 within it, and the connection ends', async () => {
    await start({ messageSizeBytesMax: 10_000 });
    const client = await open();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA');
    client.write(Buffer.alloc(100_000, 'line of text\r\n'));
    expect(await client.reply()).toMatchObject({ code: 552 });
    client.write('.\r\nNOOP\r\n');
    await expect(client.reply()).rejects.toThrow('ended');
  });

  it('half a message whose client is gone', async () => {
    await start();
    const client = await open();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA');
    client.write(Buffer.alloc(50_000, 'line of text\r\n'));
    client.destroy();
    await waitFor('the loss to be noticed', () => door.troubles.length > 0);
    expect(door.troubles).toEqual([expect.objectContaining({ code: 'ERR_SMTP_CLIENT_GONE' })]);
    expect([door.kept, door.written]).toEqual([[], []]);
  });

  it('what a client sends too slowly', async () => {
    await start({}, { idleMs: 50 });
    const client = await open();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA');
    client.write('Subject: x\r\n');
    expect(await client.reply()).toMatchObject({ code: 421 });
    await expect(client.reply()).rejects.toThrow('ended');
    await waitFor('the loss to be noticed', () => door.troubles.length > 0);
    expect(door.kept).toEqual([]);
  });

  it('more recipients than a thousand: the others come again', async () => {
    await start();
    const client = await open();
    await client.command(`MAIL FROM:<${ANN}>`);
    client.write(Array.from({ length: 10_000 }, (_, n) => `RCPT TO:<r${n}@customer.example>\r\n`).join(''));
    const counts = new Map<number, number>();
    for (let n = 0; n < 10_000; n += 1) {
      const { code } = await client.reply();
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    expect(counts).toEqual(
      new Map([
        [250, 1_000],
        [452, 9_000],
      ]),
    );
    await client.command('DATA');
    client.write('x\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(door.kept[0]?.envelope.rcptTo).toHaveLength(1_000);
  });
});

describe('When the door closes', () => {
  it('sends away who has nothing open, and ends what is in hand', async () => {
    await start();
    let letGo: () => void = () => undefined;
    door.gate = new Promise((resolve) => (letGo = resolve));
    const [idle, busy, begun] = [await open(), await open(), await open()];
    const sent = busy.send(ANN, [BOB], MESSAGE);
    await waitFor('the blob to be written', () => door.written.length === 1);
    await begun.command(`MAIL FROM:<${ANN}>`);
    const closed = door.door.close(10_000);
    expect(await idle.reply()).toEqual({ code: 421, text: '4.3.2 This server is closing down.' });
    await expect(SmtpClient.connect(door.port)).rejects.toThrow();
    letGo();
    expect(await sent).toMatchObject({ code: 250 });
    expect(await busy.reply()).toMatchObject({ code: 421 });
    expect((await say(begun, `RCPT TO:<${BOB}>`, 'DATA')).map(({ code }) => code)).toEqual([250, 354]);
    begun.write('x\r\n.\r\n');
    expect(await begun.reply()).toMatchObject({ code: 250 });
    await closed;
    expect(door.kept).toHaveLength(2);
  });

  it('does not wait for ever', async () => {
    await start();
    const client = await open();
    await client.command(`MAIL FROM:<${ANN}>`);
    await door.door.close(20);
    expect(await client.reply()).toMatchObject({ code: 421 });
  });
});
