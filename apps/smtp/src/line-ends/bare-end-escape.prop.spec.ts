import fc from 'fast-check';
import { gather } from '../../../../test/support/streams.js';
import { BareEndEscape, forbiddenIn, unescapeBareEnds } from './bare-end-escape.js';

/** Streams of what matters: line ends, halves of them, NUL, the letters of the escape, dots. */
const bytes = fc
  .array(fc.constantFrom('\r\n', '\r', '\n', '\0', '\x01', '\x02', '\x03', '.', 'a', '\xff'), { maxLength: 40 })
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
const cuts = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 60 });

function cut(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < whole.length; turn += 1) {
    const size = turn > 200 ? whole.length : (sizes[turn % sizes.length] ?? 1);
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

function escaped(whole: Buffer, sizes: readonly number[]): Buffer {
  const escape = new BareEndEscape();
  return Buffer.concat(cut(whole, sizes).map((piece) => Buffer.from(escape.push(piece))));
}

/** A stream that ends in CRLF: a CR at its end would still be waited for. */
const whole = (given: Buffer): Buffer => Buffer.concat([given, Buffer.from('x\r\n')]);

const hasBareEnd = (given: Buffer): boolean => /\r(?!\n)|(?<!\r)\n/.test(given.toString('latin1'));

describe('BareEndEscape', () => {
  it('guarantees that no bare CR or LF is left, wherever the stream is cut', () => {
    fc.assert(fc.property(bytes, cuts, (given, sizes) => !hasBareEnd(escaped(whole(given), sizes))));
  });

  it('gives the same bytes however the stream is cut', () => {
    fc.assert(
      fc.property(bytes, cuts, (given, sizes) => escaped(whole(given), sizes).equals(escaped(whole(given), [99]))),
    );
  });

  it('passes what has neither NUL nor bare ends as it is', () => {
    fc.assert(
      fc.property(bytes, cuts, (given, sizes) => {
        fc.pre(!hasBareEnd(whole(given)) && !given.includes(0));
        return escaped(whole(given), sizes).equals(whole(given));
      }),
    );
  });

  it('is undone for a message, and throws for each bare end, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, cuts, cuts, async (given, sizes, again) => {
        const pieces = cut(escaped(whole(given), sizes), again);
        const undone = gather(unescapeBareEnds(each(pieces), () => new Error('bare')));
        if (hasBareEnd(whole(given))) await expect(undone).rejects.toThrow('bare');
        else expect(await undone).toEqual(whole(given));
      }),
    );
  });

  it('tells of a command whether it holds a bare end, or else a NUL', () => {
    const line = (text: string): Buffer => escaped(Buffer.from(`${text}\r\n`, 'latin1'), [99]);
    expect(forbiddenIn(line('NOOP'))).toBeUndefined();
    expect(forbiddenIn(line('NO\0OP'))).toBe('nul');
    expect(forbiddenIn(line('NO\0\nOP'))).toBe('bareEnd');
    expect(forbiddenIn(line('NO\rOP'))).toBe('bareEnd');
    // The letters of the escape mean nothing where no NUL stands before them.
    expect(forbiddenIn(line('NO\x02OP'))).toBeUndefined();
    expect(forbiddenIn(line('NO\0\x02OP'))).toBe('nul');
  });

  it('holds a CR back until it is known what follows, and no more', () => {
    const escape = new BareEndEscape();
    expect(escape.push(Buffer.from('a\r'))).toEqual(Buffer.from('a'));
    expect(escape.push(Buffer.from('\n'))).toEqual(Buffer.from('\r\n'));
    expect(escape.push(Buffer.from(''))).toHaveLength(0);
  });
});
