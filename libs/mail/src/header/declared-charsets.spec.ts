import { inPieces } from '../../../../test/support/streams.js';
import { parseMail } from '../parse-mail.js';
import { defaultMailLimits, type ParsedMail } from '../parsed-mail.js';

async function charsetsOf(lines: readonly string[]): Promise<ParsedMail['charsets']> {
  return (await parseMail(inPieces(Buffer.from(lines.join('\r\n'))), defaultMailLimits)).charsets;
}

describe('the charsets that a message says', () => {
  it('are those of its text parts and of the encoded words in its header', async () => {
    const lines = [
      'Subject: =?KOI8-R?B?8NLJ18XU?= =?utf-8*en?Q?x?=',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset="ISO-2022-JP"',
      '',
      'x',
      '--b',
      'Content-Type: text/html; charset=gb2312',
      '',
      '<meta charset="big5">x',
      '--b',
      'Content-Type: text/csv; charset=x-own; name=a.csv',
      'Content-Disposition: attachment; filename=a.csv',
      '',
      'x',
      '--b',
      'Content-Type: image/png; charset=none-of-a-text',
      '',
      'x',
      '--b--',
    ];
    expect(await charsetsOf(lines)).toEqual(['iso-2022-jp', 'gb2312', 'x-own', 'koi8-r', 'utf-8']);
  });

  it('are none where nothing says one', async () => {
    expect(await charsetsOf(['Subject: =?x', '', 'x'])).toEqual([]);
  });

  it('are in error where there are too many', async () => {
    const words = Array.from({ length: 1_001 }, (_, n) => ` =?x-${n}?Q?a?=`);
    expect(await charsetsOf(['Subject: x', ...words, '', 'x'])).toBe('ERR_MAIL_TOO_MANY_CHARSETS');
  });

  it('are found in bounded work in a megabyte of nearly encoded words', async () => {
    expect(await charsetsOf([`Subject: ${'=?'.repeat(500_000)}`, '', 'x'])).toEqual([]);
    expect(await charsetsOf([`Subject: ${'=?x?q?'.repeat(160_000)}`, '', 'x'])).toEqual(['x']);
  });
});
