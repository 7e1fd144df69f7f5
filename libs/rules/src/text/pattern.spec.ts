import { jest } from '@jest/globals';
import { RE2JS } from 're2js';
import { bounded } from '../../../../test/support/bounded.js';
import { compilePattern, findPattern, PATTERN_PROGRAM_MAX, type Pattern } from './pattern.js';
import { normalizeText } from './fold-text.js';

function find(source: string, text: string, isCaseSensitive = false): unknown {
  return findPattern(compilePattern(source, isCaseSensitive) as Pattern, normalizeText(text));
}

describe('patterns', () => {
  it.each([
    ['anywhere in the text', 'b+', 'abbbc', 'bbb'],
    ['without case', 'secret', 'TOP SECRET', 'SECRET'],
    ['by simple folding', 'k', '\u212a', 'K'],
    ['by simple folding of letters beyond Latin', 'οδος', 'ΟΔΟΣ', 'ΟΔΟΣ'],
    ['with the long s', 's', 'ſ', 'ſ'],
    ['outside of the first plane', '𐐨', '𐐀', '𐐀'],
    ['accents however written', 'e\u0301', 'É', 'É'],
    ['by classes of Unicode', '\\p{Han}{2}', 'x東京y', '東京'],
    ['over lines where asked', '(?s)a.b', 'a\nb', 'a\nb'],
    ['at line ends where asked', '(?m)^b$', 'a\nb', 'b'],
  ])('match %s', (_name, source, text, match) => {
    expect(find(source, text)).toEqual({ match });
  });

  it('heed case where told to', () => {
    expect(find('secret', 'SECRET', true)).toBeUndefined();
    expect(find('(?i)secret', 'SECRET', true)).toEqual({ match: 'SECRET' });
  });

  it.each([
    ['an unclosed group', '(a'],
    ['look-ahead', '(?=a)b'],
    ['look-behind', '(?<=a)b'],
    ['a back-reference', '(a)\\1'],
    ['a possessive repetition', 'a*+'],
    ['a repetition over RE2’s limit', 'a{1001}'],
    ['a thousand groups in each other', `${'('.repeat(1_000)}${')'.repeat(1_000)}`],
  ])('refuse %s', (_name, source) => {
    expect(compilePattern(source, false)).toBe('invalid');
  });

  it.each([
    ['tooLong', 'a'.repeat(2_001)],
    ['tooLarge', '.{1000}'.repeat(280)],
    ['tooLarge', '((a{100}){100}){100}'],
    ['tooLarge', '(?:a?){900}'.repeat(2)],
  ])('that are %s are refused before they are compiled', (problem, source) => {
    const compiled = jest.spyOn(RE2JS, 'compile');
    try {
      expect(compilePattern(source, false)).toBe(problem);
      expect(compiled).not.toHaveBeenCalled();
    } finally {
      compiled.mockRestore();
    }
  });

  it('take counts that are only text for text', () => {
    expect(find('\\{3000\\}', 'a {3000} b')).toEqual({ match: '{3000}' });
  });

  it.each([
    ['(a+)+$', `${'a'.repeat(50_000)}b`],
    ['(a|aa)+$', `${'a'.repeat(50_000)}b`],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
    ['(.*a){20}b', 'a'.repeat(50_000)],
  ])('guarantee that %s, which backtracks elsewhere, takes linear time', (source, text) => {
    const pattern = compilePattern(source, true) as Pattern;
    expect(bounded(() => findPattern(pattern, text))).toBeUndefined();
  });

  it('are named instead of their match where finding the place would take long', () => {
    const source = `(?:a?){${PATTERN_PROGRAM_MAX / 4}}x`;
    expect(find(source, `${'a'.repeat(300_000)}x`)).toEqual({ match: source });
    expect(find(source, `${'a'.repeat(300_000)}y`)).toBeUndefined();
  });

  it('are in error where text and program are too large together', () => {
    const source = `(?:a?){${PATTERN_PROGRAM_MAX / 4}}x`;
    expect(find(source, 'a'.repeat(500_000))).toBe('limit');
    expect(find(source, 'aax')).toEqual({ match: 'aax' });
  });
});
