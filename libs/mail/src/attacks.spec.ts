import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { turnOfTimers } from '../../../test/support/bounded.js';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { bufferBytes } from '../../../test/support/memory.js';
import { inPieces } from '../../../test/support/streams.js';
import { applyEdits, defaultMailLimits, HeaderBlock, MailError, parseMail, type ParsedMail } from './index.js';

/** Parses, or gives the name of the limit; before the timeout of the test, whatever it is. */
async function survive(bytes: Buffer, pieceBytes = 65_536): Promise<ParsedMail | string> {
  try {
    return await parseMail(inPieces(bytes, pieceBytes), defaultMailLimits);
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    expect(error.kind).toBe('invalid');
    return error.code;
  } finally {
    await turnOfTimers();
  }
}

describeWithCorpus('the generated attacks', (folder) => {
  const target = mkdtempSync(join(tmpdir(), 'sealflow-attacks-'));
  const list = join(folder, 'attacks/generators.jsonl');
  const lines = readFileSync(list, 'utf8').trim().split('\n');
  const names = lines
    .map((line) => (JSON.parse(line) as { name: string }).name)
    .filter((name) => /^(?:mime|html)-/.test(name));

  beforeAll(() => {
    execFileSync(process.execPath, [join(folder, 'attacks/generate.mjs'), list, target, ...names]);
  });
  afterAll(() => {
    rmSync(target, { recursive: true });
  });

  it.each(names)('%s is read or refused by name', async (name) => {
    expect(readdirSync(target)).toContain(name);
    const file = readFileSync(join(target, name));
    const bytes = name.endsWith('.html') ? Buffer.concat([Buffer.from('Content-Type: text/html\r\n\r\n'), file]) : file;
    const result = await survive(bytes);
    if (name.startsWith('mime-unclosed') || name.startsWith('html-')) expect(result).toMatchObject({ body: 'x' });
    if (typeof result === 'string') expect(result).toMatch(/^ERR_MAIL_/);
    expect(typeof (await survive(bytes, bytes.length))).toBe(typeof result);
  });

  const injections = readFileSync(join(folder, 'attacks/header-injection.jsonl'), 'utf8').trim().split('\n');
  it.each(injections.map((line) => (JSON.parse(line) as { value: string }).value))(
    '%j adds no line to a header',
    (value) => {
      const header = HeaderBlock.parse(Buffer.from('From: a@b.example\r\n\r\n'));
      for (const name of ['X-Note', 'Reply-To', 'Subject']) {
        const bytes = applyEdits(header, [{ type: 'setHeader', name, value }]).toBytes();
        expect(HeaderBlock.parse(bytes).fields.map((field) => field.name)).toEqual(['From', name]);
      }
    },
  );
});

describe('hostile messages', () => {
  const repeat = (piece: string, sizeBytes = 1_000_000): string => piece.repeat(Math.floor(sizeBytes / piece.length));
  const frames = Array.from(
    { length: 60 },
    (_, index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`,
  ).join('');

  it.each([
    ['encoded words', `Subject: ${repeat('=?utf-8?Q?a?=')}`],
    ['encoded words of many charsets', `Subject: ${repeat('=?a?Q?=FF?= =?b?Q?=FF?= ')}`],
    ['encoded words that do not decode', `Subject: ${repeat('=?utf-8?Q?=C3?= ')}`],
    ['halves of encoded words', `Subject: ${repeat('=?a?Q?')}`],
    ['question marks', `Subject: ${repeat('=?')}`],
    ['parameters', `Content-Type: a/b${repeat(';a=b')}`],
    ['continuations', `Content-Type: a/b${repeat(';name*9*=%41')}`],
    ['quotes in parameters', `Content-Type: a/b; name="${repeat('\\"')}`],
    ['comments in parameters', `Content-Type: a/b; ${repeat(' (')}`],
    ['comments in the encoding', `Content-Transfer-Encoding: ${repeat('(')}`],
    ['folded lines', `Subject: a${repeat('\r\n ')}`],
    ['white space', `Subject: a${repeat(' ')}b`],
    ['commas in a name', `Content-Disposition: attachment; filename="${repeat('. ')}"`],
  ])('a megabyte of %s is read in linear time', async (_name, header) => {
    await survive(Buffer.from(`${header}\r\n\r\nx`));
  });

  it.each([
    ['lines of two dashes', repeat('--\r\n', 5_000_000)],
    ['lines like a boundary', repeat('--b\r\n', 5_000_000)],
    ['dashes', repeat('-', 5_000_000)],
    ['boundaries with white space', `--b0${repeat(' ', 5_000_000)}`],
    ['line ends', repeat('\r\n', 5_000_000)],
    ['carriage returns', repeat('\r', 5_000_000)],
  ])('five megabytes of %s within 60 multiparts are read in linear time', async (_name, body) => {
    await survive(Buffer.from(`${frames}Content-Type: image/png\r\n\r\n${body}`));
  });

  it.each([
    ['zip', 'PK\x03\x04'],
    ['long zip', `PK\x03\x04${'A'.repeat(4_096)}`],
    ['gzip', '\x1f\x8b\x08'],
  ])('1,990 attachments that begin like %s files are read in linear time', async (_name, start) => {
    const part = `--b\r\nContent-Type: application/x\r\n\r\n${start}\r\n`;
    const bytes = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(1_990)}`, 'latin1');
    expect(await survive(bytes)).toHaveProperty('attachments.length', 1_990);
  });

  it('thirty thousand encoded words, each in another charset that nobody knows, are read in linear time', async () => {
    const words = Array.from({ length: 30_000 }, (_, index) => `=?none-such-${index}?Q?=FF?= `);
    const parts = Array.from({ length: 10 }, (_, at) => words.slice(at * 3_000, (at + 1) * 3_000).join(''));
    const header = parts.map((one) => `--b\r\nContent-Type: image/x; name="${one}"\r\n\r\n`).join('');
    await survive(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${header}`));
  });

  it.each([
    ['of one byte', '\x04\x01x'],
    ['of nothing', '\x04\x00'],
  ])('a signature over a megabyte of octet strings %s is read in linear time', async (_name, octets) => {
    const head = 'Content-Type: application/pkcs7-mime\r\n\r\n';
    const start = '\x30\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x80\x30\x80\x30\x80\xa0\x80\x24\x80';
    await survive(Buffer.from(`${head}${start}${repeat(octets)}`, 'latin1'));
  });

  it('parts whose headers never end are read in linear time', async () => {
    await survive(
      Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${repeat('--b\r\nA: x\r\n', 5_000_000)}`),
      1 << 25,
    );
  });

  it('a message of 50 MiB is never held', async () => {
    const line = Buffer.from(`${'A'.repeat(76)}\r\n`);
    const block = Buffer.concat(Array.from({ length: 800 }, () => line));
    const blocks = Math.ceil((50 << 20) / block.length);
    async function* message(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n');
      for (let count = 0; count < blocks; count += 1) yield await Promise.resolve(block);
    }
    const before = bufferBytes();
    let [given, most] = [0, 0];
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of message()) {
        given += 1;
        if (given % Math.floor(blocks / 3) === 0) most = Math.max(most, bufferBytes());
        yield chunk;
      }
    };
    const mail = await parseMail(watched(), defaultMailLimits);
    expect(mail.attachments[0]?.sizeBytes).toBe(blocks * 800 * 57);
    expect(most).toBeGreaterThan(0);
    expect(most - before).toBeLessThan(8 << 20);
  });
});
