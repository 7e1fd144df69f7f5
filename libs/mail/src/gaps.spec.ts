import { readFileSync } from 'node:fs';
import { inPieces } from '../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type MailLimits, type ParsedMail } from './index.js';

async function parse(text: string | Buffer, limits: Partial<MailLimits> = {}, size = 65_536): Promise<ParsedMail> {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  return await parseMail(inPieces(bytes, size), { ...defaultMailLimits, ...limits });
}

const SECRET = 'financial records';
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const ENCODED = `Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(SECRET)}\r\n`;
const BODY = `\r\n\r\n--x\r\n${ENCODED}--x--\r\n`;

describe('the type of a part', () => {
  it.each([
    ['multipart/mixed =; boundary=x'],
    ['multipart/mixed, foo; boundary=x'],
    ['multipart/mixed boundary=x'],
    ['multipart/mixed,boundary=x'],
    ['multipart / mixed; boundary="x" y'],
    [', Multipart/Mixed (a comment) ; boundary=x'],
  ])('is cut where readers cut it: %j', async (type) => {
    expect(await parse(`Content-Type: ${type}${BODY}`)).toMatchObject({ body: SECRET, gaps: [] });
  });

  it('has its parameters also where no semicolon parts them', async () => {
    const text = 'Content-Type: text/html charset=utf-8\r\n\r\n<p>f\xc3\xbcr <b>rec</b>ords';
    expect(await parse(text)).toMatchObject({ body: 'für records', gaps: [] });
  });
});

describe('a header that is read in two ways', () => {
  it.each([
    [
      'another type that is text',
      `Content-Type: application/octet-stream\r\nContent-Type: text/plain\r\n\r\n${SECRET}`,
    ],
    [
      'another type that is a multipart',
      `Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=x${BODY}`,
    ],
    [
      'another boundary in another field',
      `Content-Type: multipart/mixed; boundary=y\r\nContent-Type: multipart/mixed; boundary=x${BODY}`,
    ],
    ['another charset', `Content-Type: text/plain; charset=us-ascii; charset=utf-7\r\n\r\n+AGY-inancial records`],
    ['a boundary twice', `Content-Type: multipart/mixed; boundary=y; boundary=x${BODY}`],
    ['a boundary in the form of RFC 2231', `Content-Type: multipart/mixed; boundary=x; boundary*0=y${BODY}`],
    ['a boundary with a space and no quotes', `Content-Type: multipart/mixed; boundary=x y${BODY}`],
    ['another encoding', `Content-Transfer-Encoding: 7bit\r\n${ENCODED}`],
    ['an encoding that begins like one', `Content-Transfer-Encoding: base64x\r\n\r\n${SECRET}`],
    ['an encoding behind another word', `Content-Transfer-Encoding: x base64\r\n\r\n${base64(SECRET)}`],
    ['an encoding behind a semicolon', `Content-Transfer-Encoding: ;base64\r\n\r\n${base64(SECRET)}`],
    ['an encoding in quotes', `Content-Transfer-Encoding: "base64"\r\n\r\n${base64(SECRET)}`],
    ['an encoded multipart', `Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=x${BODY}`],
    [
      'an encoded multipart without boundary',
      `Content-Transfer-Encoding: quoted-printable\r\nContent-Type: multipart/mixed\r\n\r\nfin=61ncial`,
    ],
  ])('is a gap: %s', async (_name, text) => {
    expect((await parse(text)).gaps).toEqual(['ERR_MAIL_AMBIGUOUS']);
    expect((await parse(`Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n${text}\r\n--o--`)).gaps).toEqual([
      'ERR_MAIL_AMBIGUOUS',
    ]);
  });

  it.each([
    [
      'the same type twice',
      `Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/plain;charset="UTF-8"\r\n\r\n${SECRET}`,
    ],
    ['the same encoding twice', `Content-Transfer-Encoding: BASE64\r\n${ENCODED}`],
    ['the same boundary twice', `Content-Type: multipart/mixed; boundary=x; boundary="x"${BODY}`],
    ['a comment', `Content-Transfer-Encoding: 7bit (not base64)\r\n\r\n${SECRET}`],
    ['a semicolon at the end', `Content-Transfer-Encoding: base64;\r\n\r\n${base64(SECRET)}`],
    ['an encoding that nobody knows', `Content-Transfer-Encoding: 8 bit\r\n\r\n${SECRET}`],
    [
      'quoted-printable of a multipart with parts',
      `Content-Transfer-Encoding: quoted-printable\r\nContent-Type: multipart/mixed; boundary=x${BODY}`,
    ],
  ])('is none: %s', async (_name, text) => {
    const { body, gaps } = await parse(text);
    expect([body.trim(), gaps]).toEqual([SECRET, []]);
  });
});

describe('text that is also a file', () => {
  it.each([
    [
      'the message itself, as an attachment',
      `Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n${SECRET}`,
    ],
    [
      'HTML as an attachment',
      'Content-Type: text/html; name=a.htm\r\nContent-Disposition: attachment\r\n\r\nfinancial <b>rec</b>ords',
    ],
    [
      'an unknown kind of message',
      `Content-Type: message/x-note\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(SECRET)}`,
    ],
    ['a message kept elsewhere', `Content-Type: message/external-body; access-type=x\r\n\r\n${SECRET}`],
  ])('is body and attachment: %s', async (_name, text) => {
    const { body, attachments, gaps } = await parse(text);
    expect([body.trim(), attachments.length, gaps]).toEqual([SECRET, 1, []]);
  });

  it('is left out where it is over the limit, which is a gap and no error', async () => {
    const part = (name: string, body: string): string =>
      `--x\r\nContent-Type: text/csv; name=${name}\r\n\r\n${body}\r\n`;
    const text = `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n${part('a', 'a'.repeat(101))}${part('b', 'b'.repeat(80))}--x--`;
    for (const size of [1, 13, 10_000]) {
      const mail = await parse(text, { attachedTextCharsMax: 100 }, size);
      expect(mail).toMatchObject({ body: `hello\n${'b'.repeat(80)}`, gaps: ['ERR_MAIL_TEXT_TOO_LARGE'] });
      expect(mail.attachments.map(({ sizeBytes }) => sizeBytes)).toEqual([101, 80]);
    }
  });

  it('is a gap as a piece of another message', async () => {
    const text = `Content-Type: message/partial; id=a; number=1; total=2\r\n\r\n${SECRET}`;
    expect(await parse(text)).toMatchObject({ body: SECRET, gaps: ['ERR_MAIL_PARTIAL'] });
  });
});

describe('an opaque S/MIME signature', () => {
  const vector = (name: string): Buffer => readFileSync(`test/vectors/smime/${name}`);
  const HEAD =
    'Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const der = (name: string): Buffer =>
    Buffer.from(vector(name).toString('latin1').split('\r\n\r\n')[1] ?? '', 'base64');

  it.each([['signed-opaque.eml'], ['signed-opaque-indefinite.eml']])('of %s hides nothing', async (name) => {
    for (const size of [1, 7, 100_000]) {
      const mail = await parse(vector(name), {}, size);
      expect(mail).toMatchObject({ body: 'The financial records of Jones', gaps: [], types: ['signed'] });
      expect(mail.attachments.map(({ names }) => names)).toEqual([['smime.p7m'], ['figures.exe']]);
    }
  });

  it('is opened where only its name says what it is, and within another', async () => {
    const named = vector('signed-opaque.eml')
      .toString('latin1')
      .replace('application/pkcs7-mime', 'application/octet-stream');
    expect((await parse(named)).body).toBe('The financial records of Jones');
    const entity = `${HEAD}${base64(der('signed-opaque.eml'))}`;
    const tlv = (tag: number, ...content: (Buffer | string)[]): Buffer => {
      const all = Buffer.concat(content.map((one) => Buffer.from(one)));
      return Buffer.concat([
        Buffer.from([tag, 0x83, all.length >> 16, (all.length >> 8) & 255, all.length & 255]),
        all,
      ]);
    };
    const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
    const content = tlv(
      0x30,
      oid('2a864886f70d010701'),
      tlv(0xa0, tlv(0x24, tlv(0x04, entity.slice(0, 99)), tlv(0x24, tlv(0x04, entity.slice(99))))),
    );
    const outer = tlv(
      0x30,
      oid('2a864886f70d010702'),
      tlv(0xa0, tlv(0x30, tlv(0x02, '\x01'), tlv(0x31), content, tlv(0x31))),
    );
    expect(await parse(`${HEAD}${base64(outer)}`)).toMatchObject({ body: 'The financial records of Jones', gaps: [] });
  });

  it.each<[string, Buffer | string]>([
    ['cut short', der('signed-opaque.eml').subarray(0, 600)],
    ['cut short in its type', der('signed-opaque.eml').subarray(0, 9)],
    ['compressed', Buffer.from('3080060b2a864886f70d0109100109a0800000', 'hex')],
    ['no BER', 'financial records'],
    ['nested in itself', Buffer.from('3080'.repeat(100), 'hex')],
    ['an element that is longer than the one around it', Buffer.from('300406092a86', 'hex')],
    ['empty', ''],
  ])('is a gap where nothing can be taken out: %s', async (_name, content) => {
    expect((await parse(HEAD + base64(content))).gaps).toEqual(['ERR_MAIL_SIGNED_UNREADABLE']);
  });

  it.each([['crypted.eml'], ['crypted_with_attachment.eml']])(
    'is none where a message is encrypted: %s',
    async (name) => {
      expect(await parse(vector(name))).toMatchObject({ gaps: [], types: ['encrypted'] });
    },
  );

  it('is none in a file that is only called so, and in one of certificates', async () => {
    const file = 'Content-Type: application/octet-stream; name=a.p7m\r\n\r\nhello';
    const certificates = Buffer.from(
      '3080 06092a864886f70d010702 a080 3080 020101 3100 3080 06092a864886f70d010701 0000 3100 0000 0000 0000'.replaceAll(
        ' ',
        '',
      ),
      'hex',
    );
    expect((await parse(file)).gaps).toEqual([]);
    expect(await parse(HEAD + base64(certificates))).toMatchObject({ body: '', gaps: [] });
  });
});

describe('a charset that nobody knows', () => {
  const IBM037 = Buffer.from('8689958195838981934099858396998 4a2'.replace(' ', ''), 'hex').toString('latin1');

  it.each([
    ['IBM037', IBM037],
    ['no-such-charset', 'f\xfcr'],
    ['iso-2022-kr', '\x1b$)C\x0e'],
    ['hz-gb-2312', '~{VPND~}'],
    ['a'.repeat(50), '\xff'],
  ])('is a gap: %s', async (charset, text) => {
    for (const size of [1, 1_000]) {
      expect((await parse(`Content-Type: text/plain; charset=${charset}\r\n\r\n${text}`, {}, size)).gaps).toEqual([
        'ERR_CHARSET_UNKNOWN',
      ]);
    }
  });

  it.each([
    ['no-such-charset', `${SECRET}\r\n\t~{}`],
    ['hz-gb-2312', SECRET],
    ['us-ascii', 'f\xfcr'],
    ['unknown-8bit', 'f\xfcr'],
    ['', 'f\xfcr'],
    ['x-sjis', '\x82\xa0'],
  ])('is none: %j on %j', async (charset, text) => {
    expect((await parse(`Content-Type: text/plain; charset="${charset}"\r\n\r\n${text}`)).gaps).toEqual([]);
  });
});
