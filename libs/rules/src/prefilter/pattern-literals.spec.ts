import fc from 'fast-check';
import { foldText, normalizeText } from '../text/fold-text.js';
import { compilePattern, findPattern } from '../text/pattern.js';
import { patternLiterals } from './pattern-literals.js';

describe('literals of a pattern', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['secret', ['secret']],
    ['SECRET', ['secret']],
    ['\\bproject 7\\d{4}\\b', ['project 7']],
    ['(?:vertraulich|confidential|geheim)', ['vertraulich', 'confidential', 'geheim']],
    ['a(?:bcd|efg)hi', ['bcd', 'efg']],
    ['a(?:b|c)longer', ['longer']],
    ['colou?r scheme', ['r scheme']],
    ['ab+cde', ['bcde']],
    ['(?:secret)?x', ['x']],
    ['(?:secret)+', ['secret']],
    ['(secret){2,5}', ['secret']],
    ['x{0,3}yz', ['yz']],
    ['a{2', ['a{2']],
    ['\\$\\x41\\x{42}\\t', ['$ab\t']],
    ['^[A-Z]{2}\\d+$', undefined],
    ['a|\\d', undefined],
    ['a|', undefined],
    ['.*', undefined],
    ['(?i)Secret', ['secret']],
    ['(?P<name>se)(?<other>cret)', ['cret']],
    ['[]secret]x', ['x']],
    ['[^\\]ab]cd', ['cd']],
    ['[[:alpha:]]cd', ['cd']],
    ['\\pLab\\p{Greek}c', ['ab']],
    ['\\Qa.b\\E', undefined],
    ['Stra\\x{df}e|STRASSE', ['stra\u00dfe', 'strasse']],
    ['cafe\u0301', ['caf\u00e9']],
    ['\u{10400}x', ['\u{10428}x']],
  ])('%s: %j', (source, expected) => {
    expect(patternLiterals(source)).toEqual(expected);
  });

  it('guarantee that a text in which none of them stands is not matched', () => {
    const piece = fc.constantFrom(
      ...['a', 'b', 'S', '\u017f', '\u212a', 'k', '.', '?', '*', '+', '{0,2}', '{1}', '{2}', '|', '(', '(?:', ')'],
      ...[
        '[ab]',
        '[^a]',
        '\\d',
        '\\b',
        '^',
        '$',
        '\\.',
        '\\x61',
        '(?i)',
        '\\pL',
        '\\',
        '[',
        ']',
        '\u0301',
        'e',
        '(?i:',
      ],
    );
    const letter = fc.constantFrom('a', 'b', 's', 'K', 'k', '.', '1', ' ', 'e', '\u0301', '\u017f', '[', ']', '{');
    let matches = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(letter, { maxLength: 10 }),
        fc.boolean(),
        (pieces, letters, isCaseSensitive) => {
          const pattern = compilePattern(pieces.join(''), isCaseSensitive);
          if (typeof pattern === 'string') return;
          const text = letters.join('');
          if (findPattern(pattern, normalizeText(text)) === undefined) return;
          const literals = patternLiterals(pieces.join(''));
          if (literals === undefined) return;
          matches += 1;
          expect(literals.some((literal) => foldText(text).includes(literal))).toBe(true);
        },
      ),
      { numRuns: 20_000 },
    );
    expect(matches).toBeGreaterThan(100);
  });
});
