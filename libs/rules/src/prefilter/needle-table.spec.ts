import fc from 'fast-check';
import { bounded } from '../../../../test/support/bounded.js';
import { needleTableOf } from './make-needle-table.js';
import type { Needle } from './needle-table.js';

const plain = (...texts: readonly string[]): Needle[] => texts.map((text) => ({ text, isWord: false }));
const words = (...texts: readonly string[]): Needle[] => texts.map((text) => ({ text, isWord: true }));

function found(needles: readonly Needle[], text: string): [string, number][] {
  const hits = [...needleTableOf(needles).scan(text)];
  return hits.map(([needle, at]): [string, number] => [needles[needle]?.text ?? '', at]).sort();
}

describe('a table of needles', () => {
  it.each<[string, string[], string, [string, number][]]>([
    [
      'one within another',
      ['he', 'she', 'hers'],
      'ushers',
      [
        ['he', 2],
        ['hers', 2],
        ['she', 1],
      ],
    ],
    [
      'one that ends where the beginning of another is given up',
      ['abcd', 'bc', 'c'],
      'abcabx',
      [
        ['bc', 1],
        ['c', 2],
      ],
    ],
    ['the first place only', ['aa'], 'xaaaa', [['aa', 1]]],
    [
      'letters of two code units',
      ['\u{1f600}', 'x\u{1f600}'],
      'xx\u{1f600}',
      [
        ['x\u{1f600}', 1],
        ['\u{1f600}', 2],
      ],
    ],
    ['none in a text without any', ['abc'], 'ab', []],
    ['none in an empty text', ['abc'], '', []],
    ['none where there are no needles', [], 'abc', []],
  ])('finds %s', (_name, needles, text, expected) => {
    expect(found(plain(...needles), text)).toEqual(expected.sort());
  });

  it.each<[string, string, [string, number][]]>([
    ['sec', 'secret sec', [['sec', 7]]],
    ['sec', 'parsec', []],
    ['sec', 'sec_ret', []],
    ['sec', '(sec)', [['sec', 1]]],
    ['sec', '\u6771sec\u4eac', [['sec', 1]]],
    ['[sec]', 'x[sec]x', [['[sec]', 1]]],
  ])('takes the word %s of %s only where it may stand whole', (word, text, expected) => {
    expect(found(words(word), text)).toEqual(expected);
  });

  it('guarantees to find what a search for each needle finds', () => {
    const text = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\u6771', '\ud83d', '\ude00'), maxLength });
    const needle = fc.record({ text: text(5).filter((one) => one !== ''), isWord: fc.boolean() });
    const needles = fc.uniqueArray(needle, { maxLength: 30, selector: ({ text: one, isWord }) => `${isWord} ${one}` });
    fc.assert(
      fc.property(needles, text(60), (all, one) => {
        const places = needleTableOf(all).scan(one);
        all.forEach((looked, index) =>
          expect([looked, places.get(index) ?? -1]).toEqual([looked, placeOf(looked, one)]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('is made of 20,000 needles quickly, and small', () => {
    const needles = Array.from({ length: 20_000 }, (_, n) => ({
      text: `w${(n * 7_919).toString(36)}needle`,
      isWord: n % 2 === 0,
    }));
    const table = bounded(() => needleTableOf(needles));
    expect(table.sizeBytes).toBeLessThan(8_000_000);
    expect([...table.scan(`x ${needles[12_344]?.text ?? ''} y`).keys()]).toContain(12_344);
  });

  it('goes over a long text quickly in which needles stand within each other everywhere', () => {
    const needles = Array.from({ length: 32 }, (_, n) => 'a'.repeat(n + 1));
    const table = needleTableOf([...plain(...needles), ...words(...needles)]);
    const found = bounded(() => table.scan('a'.repeat(10_000_000)));
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([...needles.keys()]);
  });
});

function placeOf({ text: looked, isWord }: Needle, text: string): number {
  const joins = (at: number): boolean => /^[a-z0-9_]{2}$/.test(text.slice(at - 1, at + 1));
  for (let at = text.indexOf(looked); at >= 0; at = text.indexOf(looked, at + 1)) {
    if (!isWord || (!joins(at) && !joins(at + looked.length))) return at;
  }
  return -1;
}
