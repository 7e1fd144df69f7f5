import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithCorpus } from '../../../../test/support/corpus.js';
import { MemoryDoor } from '../../../../test/support/memory-door.js';
import { SmtpClient } from '../../../../test/support/smtp-client.js';

interface Attack {
  readonly name: string;
  readonly direction: string;
  readonly bytesBase64: string;
}

describeWithCorpus('The attacks of the corpus on the SMTP door', (folder) => {
  const text = readFileSync(join(folder, 'attacks', 'smtp-smuggling.jsonl'), 'utf8');
  const attacks = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Attack)
    .filter(({ direction }) => direction === 'inbound DATA');
  let door: MemoryDoor;

  beforeAll(async () => {
    door = await MemoryDoor.start();
  });

  afterAll(async () => {
    await door.stop();
  });

  it('are there', () => {
    expect(attacks.length).toBeGreaterThan(10);
  });

  it.each(attacks)('guarantees that $name brings one message or none, as it was sent', async ({ bytesBase64 }) => {
    door.kept.length = 0;
    const client = await SmtpClient.connect(door.port);
    for (const line of ['MAIL FROM:<ann@clinic.example>', 'RCPT TO:<bob@customer.example>', 'DATA']) {
      await client.command(line);
    }
    const sent = Buffer.from(bytesBase64, 'base64').toString('latin1');
    const end = /(?:^|\r\n)\.\r\n/.exec(sent);
    const whole = end === null ? `${sent}\r\n.\r\n` : sent.slice(0, end.index + end[0].length);
    const data = whole.slice(0, -'.\r\n'.length);
    client.write(whole);
    const isBare = /\r(?!\n)|(?<!\r)\n/.test(data);
    expect(await client.reply()).toMatchObject({ code: isBare ? 554 : 250 });
    expect(door.kept.map(({ raw }) => raw.toString('latin1'))).toEqual(isBare ? [] : [data.replace(/^\.\./gm, '.')]);
    expect(door.kept.flatMap(({ envelope }) => envelope.rcptTo.map(({ address }) => address))).toEqual(
      isBare ? [] : ['bob@customer.example'],
    );
    client.destroy();
  });
});
