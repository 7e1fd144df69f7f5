import { inPieces } from '../../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type ParsedMail } from '../index.js';

const parse = async (header: string): Promise<ParsedMail> =>
  await parseMail(inPieces(Buffer.from(`${header}\r\n\r\nx\r\n`, 'latin1')), defaultMailLimits);
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('base64');

describe('a header text in a charset that cannot be told', () => {
  it.each([
    ['Subject: =?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?=', 'subject'],
    ['SUBJECT: Re: =?x-odd?Q?f=FCr?= you', 'subject'],
    ['Subject: =?x-odd?Q?f\xfcr?=', 'subject'],
    [`Subject: =?utf-16?B?${utf16('financial')}?=`, 'subject'],
    [`Subject: =?utf-16?B?${utf16('\ufefffinan')}?= =?utf-16?B?${utf16('cial')}?=`, 'subject'],
    ['Subject: =?utf-16?Q?financial?=', 'subject'],
    ['From: =?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?= <sue@example.com>', 'from'],
    ['From: "=?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?=" <sue@example.com>', 'from'],
    ["Content-Disposition: attachment; filename*=ibm037''%86%95%81", 'content-disposition'],
  ])('is named: %s', async (header, name) => {
    expect((await parse(header)).unreadableFields).toEqual([name]);
  });

  it.each([
    ['Subject: =?x-odd?Q?financial_records?=', 'financial records'],
    ['Subject: =?us-ascii?Q?f=FCr?=', 'für'],
    [`Subject: =?utf-16?B?${utf16('\ufefffinan')}?= =?utf-16?B?${utf16('\ufeffcial')}?=`, 'financial'],
    [`Subject: =?utf-16?B?${utf16('\ufefffinan')}?= =?utf-16?B?//5jAGkAYQBsAA==?=`, 'financial'],
    [`Subject: =?utf-16be?B?${utf16('financial')}?=`, 'financial'],
  ])('is none: %s', async (header, subject) => {
    const { unreadableFields, subject: read } = await parse(header);
    expect([read, unreadableFields]).toEqual([subject, []]);
  });

  it.each([
    ["Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=ibm037''%86%95%81"],
    ["Content-Type: application/pdf; name*0*=ibm037''%86; name*1*=%95%81"],
    ['Content-Type: application/pdf; name="=?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?="'],
  ])('is told of names of attachments: %s', async (header) => {
    expect((await parse(header)).hasUnreadableNames).toBe(true);
    expect((await parse(header.replaceAll('ibm037', 'utf-8'))).hasUnreadableNames).toBe(false);
  });
});
