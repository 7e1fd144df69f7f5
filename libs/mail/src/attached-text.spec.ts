import { inPieces } from '../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type MailLimits, type ParsedMail } from './index.js';

async function parse(parts: readonly string[], limits: Partial<MailLimits>, size: number): Promise<ParsedMail> {
  const text = `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n${parts.join('\r\n--x\r\n')}\r\n--x--`;
  return await parseMail(inPieces(Buffer.from(text), size), { ...defaultMailLimits, ...limits });
}

const LIMITS = { textCharsMax: 50, attachedTextCharsMax: 100 };
const HELLO = `\r\n${'hello '.repeat(8)}`;
const FILE = 'Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n';

describe('attached text', () => {
  it('takes no room from the text of the message', async () => {
    for (const size of [1, 10_000]) {
      const mail = await parse([`${FILE}${'a'.repeat(90)}`, HELLO], LIMITS, size);
      expect(mail).toMatchObject({ body: `${'a'.repeat(90)}\n${HELLO.slice(2)}`, gaps: [] });
    }
  });

  it('is only an attachment where a file is too large', async () => {
    for (const size of [1, 10_000]) {
      const mail = await parse([HELLO, `${FILE}${'a'.repeat(101)}`, `${FILE}b`], LIMITS, size);
      expect(mail).toMatchObject({ body: `${HELLO.slice(2)}\nb`, gaps: [] });
      expect(mail.attachments.map(({ sizeBytes }) => sizeBytes)).toEqual([101, 1]);
    }
  });

  it.each([
    'Content-Type: text/csv\r\n\r\n',
    'Content-Disposition: inline; filename=a.txt\r\n\r\n',
    'Content-Disposition: attachment\r\n\r\n',
    'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\nX: y\r\n\r\n',
  ])('is a gap where people see it without opening a file: %j', async (header) => {
    const { body, gaps } = await parse([HELLO, `${header}${'a'.repeat(101)}`], LIMITS, 1_000);
    expect([body, gaps]).toEqual([HELLO.slice(2), ['ERR_MAIL_TEXT_TOO_LARGE']]);
  });

  it('is read beside eleven megabytes of a file', async () => {
    const mail = await parse([`${FILE}${'a,b,c\r\n'.repeat(1_600_000)}`, HELLO], {}, 65_536);
    expect(mail).toMatchObject({ body: HELLO.slice(2), gaps: [] });
  });
});
