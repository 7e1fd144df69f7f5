import fc from 'fast-check';
import { inPieces } from '../../../test/support/streams.js';
import { AppError } from '#lib/core';
import { defaultMailLimits, parseMail, type ParsedMail } from './index.js';

const limits = {
  ...defaultMailLimits,
  headerSizeBytesMax: 500,
  headerFieldsMax: 12,
  depthMax: 4,
  partsMax: 8,
  textCharsMax: 300,
  addressesMax: 5,
};

/** Text that often means something to a parser of messages. */
const messages = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          '\r\n',
          '\n',
          '\r\n\r\n',
          '--a',
          '--b',
          '--a--',
          '--b--',
          '--',
          '-',
          '\r',
          ' ',
          'x',
          'Content-Type: multipart/mixed; boundary=a\r\n',
          'Content-Type: multipart/digest; boundary="b"\r\n',
          'Content-Type: text/html\r\n',
          'Content-Type: text/plain; charset=utf-7\r\n',
          'Content-Type: message/rfc822\r\n',
          'Content-Type: image/png; name=x\r\n',
          'Content-Transfer-Encoding: base64\r\n',
          'Content-Transfer-Encoding: quoted-printable\r\n',
          'Content-Transfer-Encoding: x-uuencode\r\n',
          'Content-Disposition: attachment; filename*0="a";\r\n filename*1*=%41\r\n',
          'Content-Type: application/pkcs7-mime\r\n',
          'Content-Type: text/plain; charset=none-such; charset=x\r\n',
          'Content-Disposition: attachment\r\n',
          'Content-Type: message/x\r\n',
          '0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x800\x800\x80\xa0\x80$\x80\x04\x05',
          '\0\0',
          'To: a@b.example, "c" <d@e.example>\r\n',
          'Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=\r\n',
          'aGVsbG8=',
          '=41',
          '<p>',
          '&amp;',
          'begin 644 a\r\n',
          '\xc3\xbc',
          '\xff',
          '\0',
        ),
      },
      { weight: 1, arbitrary: fc.string() },
    ),
    { maxLength: 60 },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

async function outcome(bytes: Buffer, size: number): Promise<ParsedMail | string> {
  try {
    return await parseMail(inPieces(bytes, size), limits);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'invalid') return error.code;
    throw error;
  }
}

describe('parseMail', () => {
  it('guarantees the same result wherever the stream is cut, and never an error without a name', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.integer({ min: 1, max: 20 }), async (bytes, size) => {
        const whole = await outcome(bytes, Math.max(bytes.length, 1));
        const pieces = await outcome(bytes, size);
        // Of two limits that are exceeded, the one that is named may differ with the pieces.
        if (typeof whole === 'string') expect(typeof pieces).toBe('string');
        else expect(pieces).toEqual(whole);
      }),
      { numRuns: 1_500 },
    );
  });

  it('guarantees that random bytes are a message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const mail = await parseMail(inPieces(bytes), defaultMailLimits);
        expect(mail.sizeBytes).toBe(bytes.length);
      }),
    );
  });
});
