import fc from 'fast-check';
import { bounded } from '../../../../test/support/bounded.js';
import { packed } from '../fakes/packed.js';
import { collapseSpace, hasWords } from '../text/find-words.js';
import { foldText } from '../text/fold-text.js';
import { readEntry } from './read-entry.js';

/** Letters of several scripts, with and without spaces, marks, Hangul, astral ones, what joins and what parts. */
const CHARACTERS = Array.from('aabbAzß1_-.@  \u3000\u0301机密ไ가나에ー😀𐐨\u{20000}');
const text = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 40 }).map((all) => all.join(''));
const word = fc
  .array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 5 })
  .map((all) => all.join(''))
  .filter((one) => 'entry' in readEntry('words', one));

describe('a packed list', () => {
  it('guarantees the answers of a set', () => {
    const address = fc
      .tuple(fc.constantFrom('a', 'ab', 'abc', 'b', 'b.a', 'ü'), fc.constantFrom('x', 'x.y', 'z'))
      .chain(([local, domain]) => fc.nat(30).map((n) => `${local}${n}@${domain}.example`));
    fc.assert(
      fc.property(fc.array(address, { maxLength: 60 }), fc.array(address, { maxLength: 20 }), (entries, asked) => {
        const { list, count } = packed('addresses', entries);
        const set = new Set(entries);
        expect(count).toBe(set.size);
        expect(asked.map((one) => list.has(one))).toEqual(asked.map((one) => set.has(one)));
        expect(entries.every((one) => list.has(one))).toBe(true);
        expect(list.page(null, 1_000)).toEqual([...set].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      { numRuns: 300 },
    );
  });

  it('guarantees to find the words that containsWords finds', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), text, (entries, written) => {
        const { list } = packed('words', entries);
        const spaced = collapseSpace(foldText(written));
        const expected = list.page(null, 1_000).filter((entry) => hasWords(spaced, entry));
        const found = list.findWords(spaced, 1_000) ?? [];
        expect([...found].sort()).toEqual([...expected].sort());
        expect(list.findWords(spaced)).toEqual(found.slice(0, 1));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads a megabyte of near misses in linear time', () => {
    const { list } = packed('words', ['a b c d e f g h', `${'机密'.repeat(90)}文`, 'aaaaaaaaab']);
    const texts = ['a '.repeat(500_000), 'a'.repeat(1_000_000), 'a b c d e f g '.repeat(70_000), '机密'.repeat(20_000)];
    expect(texts.map((one) => bounded(() => list.findWords(one)))).toEqual([[], [], [], []]);
  });

  it('stops when the time is spent', () => {
    const { list } = packed('words', ['a b']);
    let looks = 0;
    expect(list.findWords('a '.repeat(10_000), 1, () => (looks += 1) > 1)).toBeUndefined();
  });
});
