import { randomBytes } from 'node:crypto';
import { Base64Decoder } from './base64-decoder.js';
import { Base64Lines, base64LinesSize } from './base64-lines.js';

function encode(bytes: Buffer, pieceBytes: number): string {
  const lines = new Base64Lines();
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) parts.push(lines.push(bytes.subarray(at, at + pieceBytes)));
  return Buffer.concat([...parts, lines.end()]).toString('latin1');
}

const bytes = randomBytes(1_000);

describe('base64 in lines', () => {
  it.each([0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 1_000])(
    'of %d bytes is what the plain encoder gives, cut after 76 characters',
    (size) => {
      const part = bytes.subarray(0, size);
      const expected = part.toString('base64').replace(/.{1,76}/g, '$&\r\n');
      for (const pieceBytes of [1, 2, 19, 56, 57, 58, 114, 130, 1_000]) expect(encode(part, pieceBytes)).toBe(expected);
      expect(base64LinesSize(size)).toBe(expected.length);
    },
  );

  it('comes back from the decoder in pieces of any size, with any line ends and without padding', () => {
    for (const size of [0, 1, 2, 3, 57, 100, 1_000]) {
      const part = bytes.subarray(0, size);
      for (const pieceBytes of [1, 2, 3, 76, 79, 2_000]) {
        for (const text of [
          encode(part, 57),
          encode(part, 57).replace(/\r/g, ''),
          encode(part, 57).replace(/=/g, ''),
        ]) {
          const decoder = new Base64Decoder();
          const out: Buffer[] = [];
          for (let at = 0; at < text.length; at += pieceBytes)
            out.push(decoder.push(Buffer.from(text.slice(at, at + pieceBytes))));
          expect(Buffer.concat([...out, decoder.end()]).equals(part)).toBe(true);
        }
      }
    }
  });

  it('ends at the padding, whatever follows', () => {
    const decoder = new Base64Decoder();
    expect(decoder.push(Buffer.from('YQ==\r\nYWJj')).toString()).toBe('a');
    expect(decoder.push(Buffer.from('YWJj')).length).toBe(0);
    expect(decoder.end().length).toBe(0);
  });
});
