import { inPieces } from '../../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type MailLimits, type ParsedMail } from '../index.js';

const tlv = (tag: number, ...content: Buffer[]): Buffer => {
  const all = Buffer.concat(content);
  const length = Buffer.alloc(5, 0x84);
  length.writeUInt32BE(all.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, all]);
};
const oid = (hex: string): Buffer => Buffer.concat([Buffer.from([0x06, hex.length / 2]), Buffer.from(hex, 'hex')]);

/** SignedData (RFC 5652 section 5.1) without signers. */
function signed(content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1');
  const encapsulated = tlv(0x30, oid('2a864886f70d010701'), tlv(0xa0, tlv(0x04, bytes)));
  const data = tlv(0x30, tlv(0x02, Buffer.from([1])), tlv(0x31), encapsulated, tlv(0x31));
  return tlv(0x30, oid('2a864886f70d010702'), tlv(0xa0, data));
}

const DECLARED = 'application/pkcs7-mime';

async function parse(type: string, content: string, limits: Partial<MailLimits> = {}): Promise<ParsedMail> {
  const raw = [
    'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x',
    `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${signed(content).toString('base64')}`,
    '--x\r\n\r\nbye\r\n--x--',
  ];
  return await parseMail(inPieces(Buffer.from(raw.join('\r\n')), 65_536), { ...defaultMailLimits, ...limits });
}

describe('a signature over a file', () => {
  const lines = '<Linea>1</Linea>\r\n'.repeat(10_000);
  it.each([
    [`${DECLARED}; name=a.xml.p7m`, `<?xml version="1.0"?>\r\n${lines}`, 'application/xml'],
    [`${DECLARED}; name=a.xml.p7m`, `<p:Fattura xmlns:p="x">${'x'.repeat(3_000_000)}`, DECLARED],
    ['application/octet-stream; name=a.pdf.p7m', `%PDF-1.4\n${'\xe2: \n'.repeat(200_000)}`, 'application/pdf'],
    ['application/octet-stream; name=a.p7m', '{}', 'application/octet-stream'],
  ])('is an attachment of what is in it: %s', async (type, content, expected) => {
    const mail = await parse(type, content);
    expect(mail).toMatchObject({ body: 'hello\nbye', gaps: [], types: [] });
    expect(mail.attachments.map((one) => one.type)).toEqual([expected]);
  });

  it.each([
    `${DECLARED}; name=a.xml.p7m|Content-Type: text/plain\r\n\r\nsecret`,
    `${DECLARED}|\r\nsecret`,
    `${DECLARED}; name=a.xml.p7m|no field\r\nContent-Type: text/plain\r\n\r\nsecret`,
    `application/octet-stream; name=a.p7m|X-A: b\r\n\r\nsecret`,
  ])('is read where readers may find an entity: %j', async (given) => {
    const [type = '', content = ''] = given.split('|');
    const { body, gaps } = await parse(type, content);
    expect([body, gaps]).toEqual([expect.stringContaining('secret'), []]);
  });

  it.each([`${DECLARED}; smime-type=signed-data`, `${DECLARED}; name=smime.p7m`])(
    'is a gap where it says that it is a message: %s',
    async (type) => {
      expect((await parse(type, 'secret')).gaps).toEqual(['ERR_MAIL_SIGNED_UNREADABLE']);
    },
  );

  const multipart = (part: string, times: number): string =>
    `Content-Type: multipart/mixed; boundary=y\r\n\r\n${`--y\r\n${part}\r\n`.repeat(times)}--y--`;
  it.each<[string, string, Partial<MailLimits>]>([
    ['a header', `X: ${'x'.repeat(2_000_000)}`, {}],
    ['fields', 'X: y\r\n'.repeat(3_000), {}],
    ['parts', multipart('Content-Type: text/plain; name=a\r\n\r\nx', 10), { partsMax: 8 }],
    ['depth', `${'Content-Type: message/rfc822\r\n\r\n'.repeat(100)}x`, {}],
    ['text', `X: y\r\n${'no field\r\n'.repeat(10)}\r\nx`, { textCharsMax: 50 }],
    ['a boundary', `Content-Type: multipart/mixed; boundary=${'y'.repeat(2_000)}\r\n\r\nx`, {}],
  ])('holds nothing else where it goes over the limit of %s', async (_name, content, limits) => {
    const mail = await parse(`${DECLARED}; name=a.p7m`, content, limits);
    expect(mail).toMatchObject({ body: 'hello\nbye', gaps: ['ERR_MAIL_SIGNED_UNREADABLE'] });
    expect(mail.attachments.map(({ names }) => names)).toEqual([['a.p7m']]);
  });
});
