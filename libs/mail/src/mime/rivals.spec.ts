import { inPieces } from '../../../../test/support/streams.js';
import { defaultMailLimits, parseMail } from '../index.js';
import { knownCharset } from './charset.js';

async function read(header: string, body = 'f\xc3\xbcr'): Promise<unknown> {
  const raw = Buffer.from(`${header}\r\n\r\n${body}`, 'latin1');
  const mail = await parseMail(inPieces(raw), defaultMailLimits);
  return [mail.body, mail.gaps];
}

const type = (...values: readonly string[]): string => values.map((value) => `Content-Type: ${value}`).join('\r\n');
const encoding = (...values: readonly string[]): string =>
  values.map((value) => `Content-Transfer-Encoding: ${value}`).join('\r\n');

describe('two words about one part', () => {
  it.each([
    [encoding('7bit', '8bit')],
    [encoding('binary', '7bit', '8BIT')],
    [type('text/plain', 'text/plain; charset=utf-8')],
    [type('text/plain; charset=utf-8', 'text/plain')],
    [type('text/plain; charset=us-ascii', 'text/plain; charset=UTF-8')],
    [type('text/plain; charset=utf8', 'text/plain; charset="utf-8"')],
    [type('text/plain; charset=binary; charset=utf-8')],
    [type("text/plain; charset='utf-8'")],
    [type('text/plain; charset=utf8mb4')],
  ])('agree where they mean the same: %j', async (header) => {
    expect(await read(header)).toEqual(['für', []]);
  });

  it.each([
    [encoding('7bit', 'base64')],
    [type('text/plain; charset=utf-8', 'text/plain; charset=iso-8859-1')],
    [type('text/plain', 'text/plain; charset=utf-7')],
    [type('text/plain; charset=us-ascii', 'text/plain; charset=utf-16')],
    [type('text/plain', 'text/plain; charset=gbk')],
    [type('text/plain', 'text/plain; charset=no-such')],
    [type('text/plain; charset=utf-8', 'text/plain; charset=no-such')],
    [type('text/plain; charset=iso-8859-1; charset=utf-8')],
  ])('are ambiguous where readers differ: %j', async (header) => {
    expect(await read(header, 'x')).toEqual([expect.anything(), expect.arrayContaining(['ERR_MAIL_AMBIGUOUS'])]);
  });

  it.each(['binary', '8bit', 'default', 'DEFAULT_CHARSET', '_autodetect', 'none', 'x-unknown', 'unknown-8bit', "''"])(
    'are none where the charset says nothing: %s',
    async (label) => {
      expect(await read(type(`text/plain; charset=${label}`))).toEqual(['für', []]);
    },
  );

  it('know every charset that TextDecoder knows', () => {
    for (const label of ['iso-8859-16', 'x-user-defined', 'ibm866', 'x-mac-cyrillic', 'iso-8859-8-i'])
      expect([label, knownCharset(label)]).toEqual([label, new TextDecoder(label).encoding]);
    expect(knownCharset('ISO_8859-16')).toBe('iso-8859-16');
  });
});
