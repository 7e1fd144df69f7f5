import fc from 'fast-check';
import { gather, inPieces } from '../../../test/support/streams.js';
import { canonicalizeLineEnds, LineEndCheck } from './line-ends.js';

const lines = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\0', '\xff'), { maxLength: 60 })
  .map((pieces) => pieces.join(''));
const canonical = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n');

function isBare(text: string, pieceBytes: number): boolean {
  const check = new LineEndCheck();
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) check.push(bytes.subarray(at, at + pieceBytes));
  return check.end();
}

describe('line ends', () => {
  it('guarantees that each bare CR and LF becomes CRLF, wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const result = await gather(canonicalizeLineEnds(inPieces(Buffer.from(text, 'latin1'), size)));
        expect(result.toString('latin1')).toBe(canonical(text));
      }),
    );
  });

  it('guarantees that a bare CR or LF is found, wherever the stream is cut, and nothing else', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 9 }), (text, size) => {
        expect(isBare(text, size)).toBe(canonical(text) !== text);
      }),
    );
  });

  it('gives what is canonical on without a copy', async () => {
    const chunk = Buffer.from('a\r\nb\r\n');
    for await (const piece of canonicalizeLineEnds(inPieces(chunk))) expect(piece.buffer).toBe(chunk.buffer);
    expect.assertions(1);
  });

  it('says at once when a bare LF has come', () => {
    const check = new LineEndCheck();
    expect(check.push(Buffer.from('a\r'))).toBe(false);
    expect(check.push(Buffer.from('\nb'))).toBe(false);
    expect(check.push(Buffer.from('\n'))).toBe(true);
    expect(check.push(Buffer.from('c'))).toBe(true);
  });
});
