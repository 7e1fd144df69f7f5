import fc from 'fast-check';
import { HeaderBlock, splitMessage } from '#lib/mail';
import { collect, concat } from './byte-streams.js';
import { withoutBcc } from './without-bcc.js';

async function* cutAt(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function stripped(text: string, sizes: readonly number[] = []): Promise<string> {
  return (await collect(withoutBcc(cutAt(Buffer.from(text, 'latin1'), sizes)))).toString('latin1');
}

const piece = fc.constantFrom(
  ...[
    'Bcc',
    'bcc',
    'Resent-Bcc',
    'Bccc',
    'To',
    ':',
    ' ',
    '\t',
    'x',
    '\r\n',
    '\n',
    '\r',
    '\r\n ',
    '\r\nBcc: a\r\n',
    '\xe9',
  ],
);

describe('withoutBcc', () => {
  it('guarantees the bytes that cutting the header and leaving the fields out gives, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat({ max: 9 })), async (pieces, sizes) => {
        const text = pieces.join('');
        // What ends before its colon may or may not become one.
        fc.pre(!/(?:^|\n)(?:resent-)?bcc[ \t]*$/i.test(text));
        const { header, body } = await splitMessage(concat(Buffer.from(text, 'latin1')));
        const expected = concat(header.without('Bcc', 'Resent-Bcc').toBytes(), body);
        expect(await stripped(text, sizes)).toBe((await collect(expected)).toString('latin1'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('guarantees that blanks before the colon do not save one, nor a line of any length', async () => {
    const long = `Bcc${' '.repeat(5_000)}: a@b.example${',a@b.example'.repeat(9_000)}\r\n c@b.example\r\n`;
    const text = `To: x\r\n${long}Subject: y\r\n\r\n${long}`;
    expect(await stripped(text, [10, 200, 300, 7_000])).toBe(`To: x\r\nSubject: y\r\n\r\n${long}`);
    expect(HeaderBlock.parse(Buffer.from(long)).without('Bcc').fields).toEqual([]);
  });
});
