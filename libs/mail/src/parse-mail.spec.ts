import { createHash } from 'node:crypto';
import { inPieces } from '../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type MailLimits, type ParsedMail } from './index.js';

async function parse(text: string, limits: Partial<MailLimits> = {}): Promise<ParsedMail> {
  return await parseMail(inPieces(Buffer.from(text, 'latin1')), { ...defaultMailLimits, ...limits });
}
const part = (header: string, body: string): string => `Content-Type: ${header}\r\n\r\n${body}`;
const multi = (subtype: string, boundary: string, ...parts: string[]): string =>
  part(`multipart/${subtype}; boundary=${boundary}`, parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')) +
  `--${boundary}--\r\n`;
const base64 = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64');

describe('parseMail', () => {
  it('reads the header, the text, sizes and the digest of the body', async () => {
    const header =
      'Received: a\r\nReceived: b\r\nX-Sealflow-Loop: i;\r\n v\r\nX-Sealflow-Id: 1\r\nFrom: Ann <ann@a.example>\r\nTo: b@b.example\r\n' +
      'Cc: c@c.example, d@d.example\r\nSubject: =?utf-8?Q?=C3=BC?=\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\nMessage-ID: <1@a>\r\n\r\n';
    const mail = await parse(`${header}Hello\r\nworld\r\n`);
    expect(mail).toMatchObject({
      subject: 'ü',
      from: [{ address: 'ann@a.example', displayName: 'Ann' }],
      to: [{ address: 'b@b.example', displayName: '' }],
      cc: [{ address: 'c@c.example' }, { address: 'd@d.example' }],
      messageId: '<1@a>',
      date: 'Tue, 02 Jan 2024 03:04:05 +0000',
      body: 'Hello\nworld\n',
      attachments: [],
      types: [],
      importance: 'normal',
      headerSizeBytes: header.length,
      sizeBytes: header.length + 14,
      bodySha256: createHash('sha256').update('Hello\r\nworld\r\n').digest('hex'),
      receivedCount: 2,
      loopMarks: ['i; v'],
      loopIds: ['1'],
      has8bit: false,
    });
    expect(mail.headers).toContainEqual({ name: 'Subject', value: 'ü' });
    expect(structuredClone(mail)).toEqual(mail);
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\r\n'],
    ['NUL bytes', '\0'.repeat(1_000)],
    ['a header without end', 'Subject: x'],
    ['colons', ':::\r\n:\r\n\r\n:'],
    ['a multipart that ends', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b'],
    ['a multipart without boundary', 'Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx'],
    ['an empty boundary', 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx'],
    ['a message in a message that ends', 'Content-Type: message/rfc822\r\n\r\n'],
  ])('reads %s without an error', async (_name, text) => {
    const mail = await parse(text);
    expect(mail.sizeBytes).toBe(text.length);
  });

  it('gives the text of a part as its charset says, and of an unknown one as windows-1252', async () => {
    const read = async (charset: string, body: string | Buffer): Promise<string> =>
      (await parse(part(`text/plain${charset}`, Buffer.from(body).toString('latin1')))).body;
    expect(await read('; charset=utf-8', 'für')).toBe('für');
    expect(await read('', 'für')).toBe('für');
    expect(await read('', Buffer.from('f\xfcr \x80', 'latin1'))).toBe('für €');
    expect(await read('; charset=us-ascii', 'für')).toBe('für');
    expect(await read('; charset="no-such-charset"', Buffer.from('f\xfcr', 'latin1'))).toBe('für');
    expect(await read('; charset=koi8-r', Buffer.from([0xd0, 0xd2]))).toBe('пр');
    expect(await read('; charset=utf-7', 'f+APw-r +-')).toBe('für +');
    expect(await read('; charset=utf-16le', Buffer.from('hé', 'utf16le'))).toBe('hé');
    expect(await read('; charset=iso-2022-jp', Buffer.from('\x1b$B$"\x1b(B', 'latin1'))).toBe('あ');
    expect(await read('; charset=utf-8', 'a\0b')).toBe('ab');
  });

  it('decodes base64 and quoted-printable as careful readers do', async () => {
    const read = async (encoding: string, body: string): Promise<string> =>
      (await parse(`Content-Transfer-Encoding: ${encoding}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}`))
        .body;
    expect(await read('BASE64', `${base64('hello ')}\r\n${base64('wörld')}`)).toBe('hello wörld');
    expect(await read('base64 ', 'aGVs\r\n!bG8')).toBe('hello');
    expect(await read('base64', 'aGVsbA==bG8=')).toBe('hello'.slice(0, 4) + 'lo');
    expect(await read('quoted-printable', 'f=C3=BCr=\r\n dich =3D =\r\n=XY=')).toBe('für dich = =XY');
    expect(await read('quoted-printable', 'a=  \r\nb=41=\nc=4')).toBe('abAc=4');
    expect(await read('x-uuencode', 'begin 644 a\r\n%:&5L;&\\\r\n`\r\nend\r\n')).toBe('hello');
    expect(await read('x-uuencode', `hi\r\n${'a'.repeat(300)}\r\nbegin 644 a\r\n%:&5L;&\\\r\n\`\r\nend\r\nbye`)).toBe(
      `hi\n${'a'.repeat(300)}\nhellobye\n`,
    );
    expect(await read('rot13', 'uryyb')).toBe('uryyb');
  });

  it('joins lines of format=flowed; delsp=yes, so that no word is cut', async () => {
    expect((await parse(part('text/plain; format=flowed; delsp=yes', 'finan \r\ncial\r\nrecords'))).body).toBe(
      'financial\nrecords',
    );
  });

  it('reads text and HTML of an alternative, hidden text too, in their order', async () => {
    const mail = await parse(
      multi('alternative', 'b', part('text/plain', 'plain'), part('text/html', '<p style="display:none">hid</p>den')),
    );
    expect(mail.body).toBe('plain\nhid\nden');
  });

  it('reads the charset of HTML from its meta element where the part says none', async () => {
    const html = '<meta http-equiv=x content="text/html; charset=koi8-r"><p>\xd0\xd2</p>';
    expect((await parse(part('text/html', html))).body).toBe('пр');
  });

  it('measures attachments and takes their type from their content', async () => {
    const mail = await parse(
      multi(
        'mixed',
        'b',
        part('text/plain', 'text'),
        part('image/png; name="a.PNG"\r\nContent-Transfer-Encoding: base64', base64(`%PDF-1.4\n${'x'.repeat(9_000)}`)),
        part("application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''%C3%BC.b.", 'x'),
        part('text/plain; name=notes.txt\r\nContent-Disposition: inline', 'inline notes'),
        part('text/plain\r\nContent-Disposition: attachment', 'attached notes'),
        part('image/gif\r\nContent-ID: <1>', 'GIF89a'),
      ),
    );
    expect(mail.attachments).toMatchObject([
      { names: ['a.PNG'], extensions: ['png'], type: 'application/pdf', sizeBytes: 9_009, isInline: false },
      { names: ['ü.b.'], extensions: ['b'], type: 'application/octet-stream', sizeBytes: 1, isInline: false },
      { names: ['notes.txt'], extensions: ['txt'], type: 'text/plain', sizeBytes: 12, isInline: true },
      { names: [], extensions: [], type: 'text/plain', sizeBytes: 14, isInline: false },
      { names: [], extensions: [], type: 'image/gif', sizeBytes: 6, isInline: true },
    ]);
    expect(mail.body).toBe('text\ninline notes\nattached notes');
  });

  it.each([
    ['invoice.exe\u200b', 'exe'],
    ['invoice.exe\u202e\u2066 .\u00a0', 'exe'],
    ['photo\u202egpj.scr', 'scr'],
    ['a.e\u00adx\u2060e\ufe0f', 'exe'],
    [`a.js${'\u200b'.repeat(300)}`, 'js'],
    ['a.\u200b', ''],
    ['\u200b', ''],
  ])('sees the extension of %j', async (name, extension) => {
    const header = `application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`;
    const [attachment] = (await parse(part(header, 'x'))).attachments;
    expect(attachment).toMatchObject({ names: [name.trim()], extensions: extension === '' ? [] : [extension] });
  });

  it('has both names of a part that has two, and one part', async () => {
    const two = (type: string, disposition: string): string =>
      part(`application/pdf; name="${type}"\r\nContent-Disposition: attachment; filename="${disposition}"`, 'x');
    const mail = await parse(multi('mixed', 'b', two('a.exe', 'b.PDF'), two('c.pdf', 'c.pdf'), two('d.EXE', 'e.exe')));
    expect(mail.attachments.map(({ names, extensions }) => [names, extensions])).toEqual([
      [
        ['b.PDF', 'a.exe'],
        ['pdf', 'exe'],
      ],
      [['c.pdf'], ['pdf']],
      [['e.exe', 'd.EXE'], ['exe']],
    ]);
  });

  it('keeps the declared type of a container that is declared as what it may hold', async () => {
    const zip = 'PK\x03\x04\x14\0\0\0\0\0';
    const type = async (declared: string): Promise<string | undefined> =>
      (await parse(part(declared, zip))).attachments[0]?.type;
    const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    expect(await type(word)).toBe(word);
    expect(await type('image/png')).toBe('application/zip');
  });

  it('walks messages within, plain and encoded, and counts each as a part', async () => {
    const inner = `Subject: in\r\n${multi('mixed', 'i', part('text/plain', 'deep'), part('image/gif; name=x.gif', 'GIF89a'))}`;
    for (const [encoding, body] of [
      ['7bit', inner],
      ['base64', base64(inner)],
      ['quoted-printable', inner.replaceAll('=', '=3D')],
    ] as const) {
      const mail = await parse(
        multi(
          'mixed',
          'o',
          part('text/plain', 'top'),
          part(`message/rfc822\r\nContent-Transfer-Encoding: ${encoding}`, body),
          part('text/plain', 'end'),
        ),
      );
      expect(mail.body).toBe('top\ndeep\nend');
      expect(mail.attachments).toMatchObject([
        { names: [], extensions: [], type: 'message/rfc822', sizeBytes: inner.length, isInline: false },
        { names: ['x.gif'], extensions: ['gif'], type: 'image/gif', sizeBytes: 6, isInline: false },
      ]);
      expect(mail.subject).toBeUndefined();
    }
  });

  it('reads a digest as messages', async () => {
    const mail = await parse(multi('digest', 'd', '\r\nSubject: a\r\n\r\none', '\r\nSubject: b\r\n\r\ntwo'));
    expect([mail.body, mail.attachments.length]).toEqual(['one\ntwo', 2]);
  });

  describe('guarantees that no part is hidden', () => {
    const seen = async (text: string): Promise<string> => (await parse(text)).body;
    const secret = `${part('text/plain\r\nContent-Transfer-Encoding: base64', base64('secret'))}\r\n`;
    const top = 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n';

    it.each([
      [
        'by a boundary of an outer multipart',
        `${top}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--a\r\n${secret}--a--`,
      ],
      ['by white space behind the boundary', `${top}\r\nx\r\n--a \t\r\n${secret}--a--`],
      ['by a boundary without line end at the end', `${top}${secret}--a--`],
      ['by a boundary in the middle of a header', `${top}Content-Type: text/html\r\n--a\r\n${secret}--a--`],
      ['behind the close delimiter', `${top}\r\nx\r\n--a--\r\nepilogue\r\n--a\r\n${secret}--a--`],
      ['by an unclosed multipart', `${top}${secret}`],
      ['by the same boundary again', `${top}Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n${secret}--a--`],
      [
        'by a comment in the encoding',
        `${top}Content-Type: text/plain\r\nContent-Transfer-Encoding: base64 (x)\r\n\r\n${base64('secret')}`,
      ],
      [
        'by a quoted boundary',
        'Content-Type: multipart/mixed;\r\n\tBoundary="a b" (c)\r\n\r\n--a b\r\n' + secret + '--a b--',
      ],
      ['by a boundary that never comes', 'Content-Type: multipart/mixed; boundary=zz\r\n\r\nsecret'],
      ['by a missing boundary', 'Content-Type: multipart/mixed\r\n\r\nsecret'],
      ['by a line that is no field', 'Subject: x\r\nsecret here\r\nX: y\r\n\r\nbody'],
      ['by a line like one of a mailbox file', 'From the secret\r\nSubject: x\r\n\r\nbody'],
      ['by a mailbox separator among the fields', 'Subject: x\r\nFrom secret\r\n\r\nbody'],
      [
        'by an unreadable type',
        `${top}Content-Type: nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64('secret')}`,
      ],
    ])('%s', async (_name, text) => {
      expect(await seen(text)).toContain('secret');
    });

    it('and a preamble and an epilogue are no parts', async () => {
      const text = 'Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\n\r\nx\r\n--a--\r\nepilogue';
      expect(await seen(text)).toBe('x');
    });

    it('and a boundary within a longer line is text', async () => {
      expect(await seen(`${top}\r\nx\r\n--ab\r\n--a-\r\n --a\r\n--a--`)).toBe('x\n--ab\n--a-\n --a');
    });
  });

  it.each([
    ['Importance: High', 'high'],
    ['Importance: low\r\nX-Priority: 1', 'low'],
    ['X-Priority: 1 (Highest)', 'high'],
    ['X-Priority: 3\r\nX-MSMail-Priority: High', 'normal'],
    ['X-MSMail-Priority: Low', 'low'],
    ['Priority: urgent', 'high'],
    ['Importance: nonsense', 'normal'],
  ])('reads the importance of %j', async (header, importance) => {
    expect((await parse(`${header}\r\n\r\n`)).importance).toBe(importance);
  });

  const deep = (depth: number): string => {
    let text = part('text/plain', 'bottom');
    for (let level = 0; level < depth; level += 1)
      text = part(`multipart/mixed; boundary=b${level}`, `--b${level}\r\n${text}`);
    return text;
  };
  it.each<[string, string, Partial<MailLimits>]>([
    ['ERR_MAIL_HEADER_TOO_LARGE', `X: ${'a'.repeat(200)}\r\n\r\n`, { headerSizeBytesMax: 100 }],
    ['ERR_MAIL_HEADER_TOO_LARGE', multi('mixed', 'b', `X: ${'a'.repeat(200)}\r\n`), { headerSizeBytesMax: 100 }],
    ['ERR_MAIL_TOO_MANY_FIELDS', 'A: 1\r\n'.repeat(11), { headerFieldsMax: 10 }],
    ['ERR_MAIL_TOO_DEEP', deep(64), {}],
    ['ERR_MAIL_TOO_DEEP', 'Content-Type: message/rfc822\r\n\r\n'.repeat(64), {}],
    ['ERR_MAIL_TOO_MANY_PARTS', multi('mixed', 'b', ...Array.from({ length: 10 }, () => '\r\nx')), { partsMax: 10 }],
    ['ERR_MAIL_TEXT_TOO_LARGE', part('text/html', `<p>${'x'.repeat(101)}`), { textCharsMax: 100 }],
    ['ERR_MAIL_DECODED_TOO_LARGE', part('image/png', 'x'.repeat(101)), { decodedSizeBytesMax: 100 }],
    ['ERR_MAIL_TOO_MANY_ADDRESSES', 'To: a@b.c, d@e.f\r\nCc: g@h.i\r\n\r\n', { addressesMax: 2 }],
    ['ERR_MAIL_BOUNDARY_TOO_LONG', part(`multipart/mixed; boundary=${'b'.repeat(1_001)}`, 'x'), {}],
  ])('names the limit: %s', async (code, text, limits) => {
    await expect(parse(text, limits)).rejects.toMatchObject({ code, kind: 'invalid' });
  });

  it('reads up to the limit', async () => {
    expect((await parse(deep(63))).body).toBe('bottom');
  });

  it('gives on what the source throws', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- a source that fails at once
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      throw new Error('disk');
    };
    await expect(parseMail(broken(), defaultMailLimits)).rejects.toThrow('disk');
  });
});
