import fc from 'fast-check';
import { gather, inPieces } from '../../../test/support/streams.js';
import { canonicalizeLineEnds } from './line-ends.js';

const lines = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\0', '\xff'), { maxLength: 60 })
  .map((pieces) => pieces.join(''));
const canonical = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n');

describe('line ends', () => {
  it('guarantees that each bare CR and LF becomes CRLF, wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const result = await gather(canonicalizeLineEnds(inPieces(Buffer.from(text, 'latin1'), size)));
        expect(result.toString('latin1')).toBe(canonical(text));
      }),
    );
  });

  it('gives what is canonical on without a copy', async () => {
    const chunk = Buffer.from('a\r\nb\r\n');
    for await (const piece of canonicalizeLineEnds(inPieces(chunk))) expect(piece.buffer).toBe(chunk.buffer);
    expect.assertions(1);
  });
});
