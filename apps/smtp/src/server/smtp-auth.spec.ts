import { AdapterError } from '#lib/adapters';
import { API_KEY, MemoryDoor, READER_KEY } from '../../../../test/support/memory-door.js';
import { SmtpClient, type SmtpReply } from '../../../../test/support/smtp-client.js';

const ANN = 'ann@clinic.example';
const BOB = 'bob@customer.example';

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

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await door.stop();
});

describe('AUTH', () => {
  it('takes PLAIN and LOGIN with the id and the key', async () => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    expect((await client.command('EHLO client.example')).text).toContain('AUTH PLAIN LOGIN');
    const replies = await say(client, 'AUTH LOGIN', base64(API_KEY.id.toUpperCase()), base64(API_KEY.token));
    expect(replies.map(({ code }) => code)).toEqual([334, 334, 235]);
  });

  it.each([
    ['a wrong key', { ...API_KEY, token: 'wrong' }],
    ["another key's id", { ...API_KEY, id: READER_KEY.id }],
    ['no id', { ...API_KEY, id: '' }],
    ['a key that may not send', READER_KEY],
    ['no key', { ...API_KEY, token: '' }],
  ])('refuses %s', async (_name, key) => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    expect(await client.command(plain(key))).toEqual({ code: 535, text: '5.7.8 The credentials are not valid here.' });
    expect(await client.command(`MAIL FROM:<${ANN}>`)).toEqual(denied);
  });

  it('is refused after ten failures of an address for a while, right keys too', async () => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    for (let turn = 0; turn < 10; turn += 1)
      expect(await client.command(plain(READER_KEY))).toMatchObject({ code: 535 });
    const other = await openTls();
    expect(await other.command(plain(API_KEY))).toMatchObject({ code: 454 });
    door.clock.set('2026-11-24T10:05:00Z');
    expect(await other.command(plain(API_KEY))).toMatchObject({ code: 235 });
  });

  it('is a temporary failure while the database is away', async () => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    door.failure = { at: 'look', error: new AdapterError('ERR_DATABASE_AWAY') };
    expect(await client.command(plain(API_KEY))).toMatchObject({ code: 454 });
  });

  it('ends with a line that holds a bare LF', async () => {
    await start({ trustedNetworks: [] });
    const client = await openTls();
    expect(await client.command('AUTH LOGIN')).toMatchObject({ code: 334 });
    expect(await client.command('x\nNOOP')).toMatchObject({ code: 554 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('does not outlive STARTTLS, nor does a transaction', async () => {
    await start();
    const client = await open();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`);
    const secured = await client.startTls();
    clients.push(secured);
    expect(await secured.command('DATA')).toMatchObject({ code: 503 });
    await secured.command('EHLO client.example');
    expect(await secured.command('DATA')).toMatchObject({ code: 503 });
  });

  it('guarantees that nothing that came in clear behind STARTTLS is done under TLS', async () => {
    await start();
    const client = await open();
    const secured = await client.startTls(`MAIL FROM:<${ANN}>\r\nRCPT TO:<${BOB}>\r\n`);
    clients.push(secured);
    await secured.command('EHLO client.example');
    expect(await secured.command('DATA')).toMatchObject({ code: 503 });
  });

  it('guarantees that bare line ends are refused under TLS as well', async () => {
    await start();
    const client = await openTls();
    await say(client, `MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA');
    client.write('x\r\n.\nMAIL FROM:<eve@clinic.example>\r\n\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(door.kept).toEqual([]);
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
