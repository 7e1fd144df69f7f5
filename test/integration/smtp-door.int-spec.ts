import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SegmentBlobStore } from '#lib/adapters';
import { AppProcess, Ground } from '../support/app-process.js';
import { PostgresServer } from '../support/postgres.js';
import { SmtpClient } from '../support/smtp-client.js';
import { gather } from '../support/streams.js';
import { waitFor } from '../support/wait-for.js';

const ANN = 'ann@clinic.example';
const BOB = 'bob@customer.example';
const MESSAGE = Buffer.from('From: ann@clinic.example\r\nSubject: x\r\n\r\nhello\r\n.dot\r\n');
const ID = /^2\.0\.0 ([0-9a-f-]{36}) accepted$/;

describe('The SMTP door as a process', () => {
  let postgres: PostgresServer;
  let ground: Ground;
  let door: AppProcess;

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    ground = await Ground.make({ postgres });
    door = await AppProcess.start('smtp', ground.environment);
  }, 60_000);

  afterAll(async () => {
    await door.end();
    await ground.remove();
    await postgres.stop();
  });

  async function stored(id: string): Promise<Buffer> {
    const content = await ground.database.messages.content(ground.organizationId, id);
    if (content === undefined) throw new Error('not stored');
    const blobs = await SegmentBlobStore.open(ground.environment['SEALFLOW_BLOB_URL'] ?? '');
    const key = await ground.kms.openDataKey(ground.organizationId, content.wrappedKey);
    try {
      return await gather(blobs.read(key, content.blob));
    } finally {
      await blobs.close();
    }
  }

  it('answers with the id under which row and bytes are there', async () => {
    const client = await SmtpClient.connect(door.port);
    const { text } = await client.send(ANN, [BOB], MESSAGE);
    const id = ID.exec(text)?.[1] ?? '';
    expect(await stored(id)).toEqual(MESSAGE);
    const detail = await ground.database.messages.find(ground.organizationId, id);
    expect(detail).toMatchObject({ status: 'accepted', mailFrom: ANN, source: 'smtp', recipients: [{ address: BOB }] });
    client.destroy();
  });

  it('reports itself', async () => {
    await waitFor('the report', async () => {
      const living = await ground.database.processes.living();
      return living.some(({ app, state }) => app === 'smtp' && state['open'] === true);
    });
  });

  it('takes a key of the organization over TLS', async () => {
    const [key] = (await ground.database.apiKeys.list(ground.organizationId, { limit: 1, cursor: null })).items;
    const secured = await (await SmtpClient.connect(door.port)).startTls();
    await secured.command('EHLO client.example');
    const credentials = Buffer.from(`\0${key?.id ?? ''}\0${ground.apiKey}`).toString('base64');
    expect(await secured.command(`AUTH PLAIN ${credentials}`)).toMatchObject({ code: 235 });
    expect(await secured.send(ANN, [BOB], MESSAGE)).toMatchObject({ code: 250 });
    secured.destroy();
  });

  it('guarantees that no limit is in the way of a trusted network with a connection for each message', async () => {
    const start = performance.now();
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < 600) {
        sent += 1;
        const client = await SmtpClient.connect(door.port);
        expect(await client.send(ANN, [BOB], MESSAGE)).toMatchObject({ code: 250 });
        expect(await client.command('QUIT')).toMatchObject({ code: 221 });
        client.destroy();
      }
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    const perSecond = 600 / ((performance.now() - start) / 1000);
    process.stderr.write(`  SMTP door, a connection for each message: ${perSecond.toFixed(0)} a second\n`);
  }, 60_000);

  it('takes a large message, and nothing of one that is cut off', async () => {
    const large = Buffer.concat([MESSAGE, Buffer.alloc(8_000_000, 'a line of a large attachment\r\n')]);
    const client = await SmtpClient.connect(door.port);
    const id = ID.exec((await client.send(ANN, [BOB], large)).text)?.[1] ?? '';
    // What the client ends with a line end of its own is part of the message.
    expect((await stored(id)).subarray(0, large.length).equals(large)).toBe(true);
    const before = await ground.database.messages.list(ground.organizationId, {}, { limit: 1, cursor: null });
    for (const line of [`MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA']) await client.command(line);
    client.write(large);
    const parts = (): string[] => readdirSync(join(ground.folder, 'blobs')).filter((name) => name.endsWith('.part'));
    await waitFor('a part to be written', () => parts().length > 0);
    client.destroy();
    await waitFor('the part that was written to be removed', () => parts().length === 0);
    const after = await ground.database.messages.list(ground.organizationId, {}, { limit: 1, cursor: null });
    expect(after.items).toEqual(before.items);
  }, 60_000);

  it('answers 451 while PostgreSQL is away, and goes on by itself when it is back', async () => {
    const client = await SmtpClient.connect(door.port);
    for (const line of [`MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA']) await client.command(line);
    await postgres.kill();
    client.write('Subject: x\r\n\r\nx\r\n.\r\n');
    expect(await client.reply()).toMatchObject({ code: 451 });
    const other = await SmtpClient.connect(door.port);
    await waitFor('the answer of before to be forgotten', async () => {
      const { code } = await other.command(`MAIL FROM:<${ANN}>`);
      await other.command('RSET');
      return code === 451;
    });
    await postgres.start();
    await waitFor('mail to be taken again', async () => {
      await other.command('RSET');
      return (await other.send(ANN, [BOB], MESSAGE)).code === 250;
    });
    for (const one of [client, other]) one.destroy();
  }, 60_000);

  it('guarantees that no address and nothing of a message is in the log', () => {
    for (const text of [ANN, BOB, 'hello', ground.apiKey, 'a line of a large']) expect(door.log).not.toContain(text);
    expect(door.log).toContain('"msg":"accepted"');
  });
});

describe('The SMTP door at its start and its end', () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.make();
  }, 60_000);

  afterAll(async () => {
    await ground.remove();
  });

  it('waits for the database, answering 451, and ends when its supervisor is gone', async () => {
    const door = AppProcess.spawn('smtp', {
      ...ground.environment,
      SEALFLOW_DATABASE_URL: 'postgresql://nobody:nothing@127.0.0.1:1/none',
    });
    await door.says('"msg":"waits"');
    const client = await SmtpClient.connect(door.port);
    expect(await client.command(`MAIL FROM:<${ANN}>`)).toMatchObject({ code: 451 });
    client.destroy();
    door.disconnect();
    expect(await door.exited()).toBe(0);
  }, 60_000);

  it('ends what is in hand at SIGTERM, and leaves', async () => {
    const door = await AppProcess.start('smtp', ground.environment);
    const [idle, busy] = [await SmtpClient.connect(door.port), await SmtpClient.connect(door.port)];
    for (const line of [`MAIL FROM:<${ANN}>`, `RCPT TO:<${BOB}>`, 'DATA']) await busy.command(line);
    door.signal('SIGTERM');
    expect(await idle.reply()).toMatchObject({ code: 421 });
    const socket = connect({ host: '127.0.0.1', port: door.port });
    await expect(once(socket, 'connect')).rejects.toThrow();
    busy.write('Subject: x\r\n\r\nx\r\n.\r\n');
    expect(await busy.reply()).toMatchObject({ code: 250 });
    expect(await door.exited()).toBe(0);
    expect((await ground.database.processes.living()).filter(({ app }) => app === 'smtp')).toEqual([]);
  }, 60_000);

  it.each([
    ['SEALFLOW_SMTP_PORT', 'taken'],
    ['SEALFLOW_HOST', '192.0.2.1'],
    ['SEALFLOW_TRUSTED_NETWORKS', 'everybody'],
    ['SEALFLOW_BLOB_URL', 'file:/etc/hostname/blobs'],
    ['SEALFLOW_SMTP_TLS_CERT_FILE', '/nowhere'],
    ['SEALFLOW_KMS_URL', 'file:/proc'],
  ])(
    'says in one sentence what is wrong with %s, and ends with 1',
    async (variable, given) => {
      const door = given === 'taken' ? await AppProcess.start('smtp', ground.environment) : undefined;
      const value = door === undefined ? given : `${door.port}`;
      const more = variable === 'SEALFLOW_SMTP_TLS_CERT_FILE' ? { SEALFLOW_SMTP_TLS_KEY_FILE: emptyFile() } : {};
      const other = AppProcess.spawn('smtp', { ...ground.environment, ...more, [variable]: value });
      try {
        expect(await other.exited()).toBe(1);
        expect(other.log).toContain(variable);
        expect(other.log).not.toMatch(/^\s+at /m);
      } finally {
        await door?.end();
      }
    },
    60_000,
  );
});

function emptyFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'sealflow-smtp-')), 'empty');
  writeFileSync(file, '');
  return file;
}
