import { jest } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { MemoryDoor } from '../../../../test/support/memory-door.js';
import { SmtpClient } from '../../../../test/support/smtp-client.js';

/** The delays of all timers that were begun in this process before the greeting came. */
async function delaysToGreeting(port: number): Promise<readonly unknown[]> {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  try {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'data');
    socket.destroy();
    return timers.mock.calls.map(([, delayMs]) => delayMs);
  } finally {
    timers.mockRestore();
  }
}

describe('What DoorConnection changes in smtp-server', () => {
  it('is still there to be changed: each method that is overridden, and the timer before the greeting', () => {
    const overridden = ['init', 'send', '_createParser', '_onCommand', '_parseAddressCommand'] as const;
    for (const name of overridden) expect(typeof SMTPConnection.prototype[name]).toBe('function');
    for (const name of ['write', '_write', '_feedDataStream', '_endDataMode', '_flushData'] as const)
      expect(typeof SMTPStream.prototype[name]).toBe('function');
    expect(typeof SMTPServer.prototype.connect).toBe('function');
    expect(SMTPConnection.prototype.init.toString()).toMatch(/setTimeout\(\(\) => this\.connectionReady\(\), 100\)/);
    // Each parser that the library makes comes from the method that is overridden.
    const making = Object.getOwnPropertyNames(SMTPConnection.prototype).filter((name) => {
      const member = Object.getOwnPropertyDescriptor(SMTPConnection.prototype, name)?.value as unknown;
      return name !== 'constructor' && typeof member === 'function' && member.toString().includes('new SMTPStream(');
    });
    expect(making).toEqual(['_createParser']);
  });

  it('guarantees that the door greets without a wait, where the library alone waits 100 ms', async () => {
    const library = new SMTPServer({ authOptional: true, disableReverseLookup: true, logger: false });
    const server = library.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const door = await MemoryDoor.start();
    try {
      const libraryPort = typeof address === 'object' && address !== null ? address.port : 0;
      expect(await delaysToGreeting(libraryPort)).toContain(100);
      expect(await delaysToGreeting(door.port)).toEqual([]);
    } finally {
      await door.stop();
      await new Promise<void>((resolve) => library.close(() => resolve()));
    }
  });
});

describe('The door', () => {
  let door: MemoryDoor;
  let client: SmtpClient;

  beforeEach(async () => {
    door = await MemoryDoor.start();
    client = await SmtpClient.connect(door.port, { hello: false });
  });

  afterEach(async () => {
    client.destroy();
    await door.stop();
  });

  it('offers what the contract says, and AUTH under TLS only', async () => {
    const { text } = await client.command('EHLO client.example');
    expect(text.split(/\r?\n/)).toEqual([
      'door.example greets [127.0.0.1]',
      'PIPELINING',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'DSN',
      'STARTTLS',
      'SIZE 1000000',
    ]);
    expect(await client.command('AUTH PLAIN AAAA')).toMatchObject({ code: 538 });
  });

  it.each(['WIZ', 'SHELL', 'KILL', 'XCLIENT NAME=x', 'XFORWARD NAME=x', 'BDAT 1', 'PROXY TCP4 1.2.3.4 1.2.3.4 1 1'])(
    'does not know %s',
    async (command) => {
      await client.command('EHLO client.example');
      expect(await client.command(command)).toMatchObject({ code: 500 });
    },
  );

  it('ends with a client it does not know after twenty refusals, and bears a known one', async () => {
    const strict = await MemoryDoor.start({ trustedNetworks: [] });
    const stranger = await SmtpClient.connect(strict.port);
    for (let turn = 0; turn < 19; turn += 1) {
      expect(await stranger.command('MAIL FROM:<ann@clinic.example>')).toMatchObject({ code: 550 });
    }
    expect((await stranger.command('MAIL FROM:<ann@clinic.example>')).code).toBe(550);
    expect(await stranger.reply()).toEqual({ code: 421, text: '4.7.0 Too many errors' });
    await expect(stranger.command('NOOP')).rejects.toThrow('ended');
    await strict.stop();
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<eve@elsewhere.example>');
    for (let turn = 0; turn < 100; turn += 1) {
      expect(await client.command(`RCPT TO:<x${turn}@elsewhere.example>`)).toMatchObject({ code: 550 });
    }
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('refuses a line of endless length, and closes', async () => {
    await client.command('EHLO client.example');
    client.write('x'.repeat(5_000));
    expect(await client.reply()).toEqual({ code: 500, text: '5.5.6 Line too long' });
    await expect(client.command('NOOP')).rejects.toThrow('ended');
  });

  it('refuses bytes that no command holds', async () => {
    await client.command('EHLO client.example');
    expect(await client.command('NO\0OP')).toMatchObject({ code: 500 });
    expect(await client.command('MAIL FROM:<\xe4@clinic.example>')).toMatchObject({ code: 501 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
  });

  it('does not take a line without its end for a command', async () => {
    const other = await SmtpClient.connect(door.port);
    await other.command('MAIL FROM:<ann@clinic.example>');
    await other.command('RCPT TO:<bob@customer.example>');
    other.write('DATA\r\nSubject: x\r\n\r\nnever ended\r\n.');
    expect((await other.reply()).code).toBe(354);
    other.end();
    await expect(other.reply()).rejects.toThrow('ended');
    expect(door.kept).toEqual([]);
  });

  it('answers what is pipelined, in its order', async () => {
    client.write(
      'EHLO client.example\r\nMAIL FROM:<ann@clinic.example>\r\nRCPT TO:<bob@customer.example>\r\nRCPT TO:<nobody>\r\nDATA\r\n',
    );
    const codes: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) codes.push((await client.reply()).code);
    expect(codes).toEqual([250, 250, 250, 501, 354]);
    client.write('Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(await client.reply()).toMatchObject({ code: 221 });
    expect(door.kept).toHaveLength(1);
  });
});
