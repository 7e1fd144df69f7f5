import { jest } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { patternCost } from './pattern-cost.js';
import { compilePattern } from './pattern.js';

/** Pieces of patterns, whole and broken, of which others are put together. */
const PIECES = [
  ...['a', 'é', '𞥂', '.', '^', '$', '|', '(', ')', '(?:', '(?i)', '(?i:', '(?-i)', '(?P<n>', '()', '(|a)', '(a*)*'],
  ...['*', '+', '?', '*?', '{2}', '{0}', '{3,}', '{0,4}', '{2,5}', '{10}', '{', '}', '[ab]', '[^a]', '[\\pLx]', ']'],
  ...['[', '[^', '-', '[]a]', '[a-]', '[[:digit:]]', '[:alpha:]', '\\pL', '\\p{Greek}', '\\PN', '\\W', '\\b', '\\A'],
  ...['\\z', '\\Q', '\\E', '\\Q+\\E', '\\Q\\E', '\\x{41}', '\\x41', '\\101', '\\n', '\\.', '\\\\', '[\\x{61}-\\x{7a}]'],
];
const patterns = fc
  .tuple(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 20 }))
  .map(([pieces, times]) => pieces.join('').repeat(times).slice(0, 2_000));

/** Distinct letters that no class joins. */
const letters = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => String.fromCodePoint(0x4e00 + 2 * n));
const optional = (count: number): string =>
  letters(count)
    .map((letter) => `${letter}?`)
    .join('');
const fill = (piece: string): string => piece.repeat(Math.floor(1_990 / piece.length));

describe('patternCost', () => {
  it('guarantees that no program is larger than it counts', () => {
    fc.assert(
      fc.property(patterns, (source) => {
        const { instructions } = patternCost(source);
        if (instructions > 10_000) return;
        let size = 0;
        try {
          size = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE).programSize();
        } catch {
          // No pattern, no program.
        }
        expect(instructions).toBeGreaterThanOrEqual(size);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['words', 'confidential|secret', 150],
    ['a number of an account', '\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b', 300],
    ['an address', '[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}', 300],
    ['letters of any script', '\\p{L}+ \\p{N}{3,10}', 1_000],
  ])('takes %s for what it is: little', (_name, source, micros) => {
    expect(patternCost(source).micros).toBeLessThan(micros);
    expect(typeof compilePattern(source, false)).toBe('object');
  });

  it.each([
    ['counts of long groups', `(?:${'abcde'.repeat(260)}){1000}`, 'tooLarge'],
    ['counts in each other, parted by flags', 'a{10}(?i){10}(?i){10}(?i){10}', 'tooLarge'],
    ['counts in each other, parted by an empty quotation', 'a{10}\\Q\\E{10}\\Q\\E{10}\\Q\\E{10}', 'tooLarge'],
    ['a class of many sets', `[${fill('\\pL')}]`, 'tooSlow'],
    ['many sets', fill('\\P{L}'), 'tooSlow'],
    ['many alternatives of sets', `${fill('[^\\pL]|')}a`, 'tooSlow'],
    ['wide ranges', `[${fill('B-𞥂')}]`, 'tooSlow'],
    ['wide ranges, one in each class', fill('[B-𞥂]'), 'tooSlow'],
    ['wide ranges as escapes', fill('[\\x{42}-\\x{1e942}]'), 'tooSlow'],
    ['wide ranges in a class that does not end', `[${fill('B-𞥂')}`, 'tooSlow'],
    ['wide ranges behind a quotation', `\\Q\\\\E${fill('[B-𞥂]')}`, 'tooSlow'],
  ])('refuses %s before it is compiled', (_name, source, problem) => {
    const compiled = jest.spyOn(RE2JS, 'compile');
    try {
      expect(compilePattern(source, false)).toBe(problem);
      expect(compiled).not.toHaveBeenCalled();
    } finally {
      compiled.mockRestore();
    }
  });

  it.each([
    ['^', `^${optional(480)}$`],
    ['\\A and an open quotation', `\\A${optional(480)}\\Qab`],
    ['sets', `^\\p{Greek}?\\p{Arabic}?\\p{Thai}?\\p{Common}?\\p{Latin}?\\p{Hebrew}?${optional(440)}$`],
  ])('guarantees that of optional parts behind %s no one-pass program is tried, in cubic time', (_name, source) => {
    const place = 'regex.re2Input.onepass';
    expect({ regex: RE2JS.compile('^a?$') }).toHaveProperty(place, expect.objectContaining({ start: 1 }));
    expect(compilePattern(source, false)).toHaveProperty(place, null);
  });
});
