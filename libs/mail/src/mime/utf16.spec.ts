import { inPieces } from '../../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type ParsedMail } from '../index.js';

const TEXT = 'the financial records';
const littleEndian = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Buffer => littleEndian(text).swap16();

async function parse(charset: string, bytes: Buffer, size: number): Promise<ParsedMail> {
  const head = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  return await parseMail(inPieces(Buffer.from(head + bytes.toString('base64')), size), defaultMailLimits);
}

describe('text in UTF-16', () => {
  it.each([
    ['utf-16', bigEndian(`\ufeff${TEXT}`)],
    ['utf-16', littleEndian(`\ufeff${TEXT}`)],
    ['iso-10646-ucs-2', bigEndian(`\ufeff${TEXT}`)],
    ['UTF16', littleEndian(`\ufeff${TEXT}`)],
    ['unicode', bigEndian(`\ufeff${TEXT}`)],
    ['utf-16be', bigEndian(TEXT)],
    ['utf-16be', bigEndian(`\ufeff${TEXT}`)],
    ['utf-16le', littleEndian(TEXT)],
  ])('of %s is read in the order that its mark or its name says', async (charset, bytes) => {
    for (const size of [1, 1_000]) {
      expect(await parse(charset, bytes, size)).toMatchObject({ body: TEXT, gaps: [] });
    }
  });

  it.each([
    ['utf-16', bigEndian(TEXT)],
    ['utf-16', littleEndian(TEXT)],
    ['ucs-2', Buffer.from(TEXT)],
    ['csUnicode', bigEndian(TEXT)],
    ['utf-16le', bigEndian(`\ufeff${TEXT}`)],
    ['utf-8', littleEndian(`\ufeff${TEXT}`)],
    ['windows-1252', Buffer.from(`\xff\xfe${TEXT}`, 'latin1')],
  ])('of %s is not guessed where nothing tells its order, or two things tell another', async (charset, bytes) => {
    for (const size of [1, 1_000]) expect((await parse(charset, bytes, size)).gaps).toEqual(['ERR_CHARSET_UNKNOWN']);
  });

  it('is no gap where there is no text', async () => {
    expect(await parse('utf-16', Buffer.alloc(0), 100)).toMatchObject({ body: '', gaps: [] });
  });
});
