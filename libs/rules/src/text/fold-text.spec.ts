import { bounded } from '../../../../test/support/bounded.js';
import { foldText, normalizeText } from './fold-text.js';

describe('folding', () => {
  it.each([
    ['Latin letters', 'STRASSE', 'strasse'],
    ['accents, however they are written', 'E\u0301COLE', 'école'],
    ['the long s', 'ſecret', 'secret'],
    ['the Kelvin sign', '\u212aelvin', 'kelvin'],
    ['the Ångström sign', '\u212b', 'å'],
    ['final sigma', 'ΟΔΟΣ οδος', 'οδοσ οδοσ'],
    ['the micro sign', 'µ', 'μ'],
    ['letters outside of the first plane', '𐐀𐐨 𞤀', '𐐨𐐨 𞤢'],
    ['a letter behind half a pair', '\ud801A \ud801\ud801\udc00', '\ud801a \ud801\ud801\udc28'],
    ['Cherokee', 'ꭰ', 'Ꭰ'.toLowerCase()],
    ['capital sharp s', 'STRAẞE', 'straße'],
  ])('makes one of %s', (_name, written, folded) => {
    expect(foldText(written)).toBe(folded);
  });

  it.each([
    ['sharp s and two s (that would be full folding)', 'Straße', 'Strasse'],
    ['Turkish dotted capital i and i', 'İ', 'i'],
    ['Turkish dotless i and i', 'ı', 'i'],
    ['a ligature and its letters', 'ﬀ', 'ff'],
    ['a letter and the same with an accent', 'é', 'e'],
  ])('keeps apart %s', (_name, one, other) => {
    expect(foldText(one)).not.toBe(foldText(other));
  });

  it('agrees with the runtime about every letter', () => {
    const wrong: string[] = [];
    for (let point = 0; point <= 0x1ffff; point++) {
      const letter = String.fromCodePoint(point);
      if (!/[\p{L}\p{M}\p{N}\p{So}]/u.test(letter) || normalizeText(letter) !== letter) continue;
      const folded = foldText(letter);
      if (folded.length !== letter.length || !new RegExp(`^${letter}$`, 'iu').test(folded)) wrong.push(letter);
      const others = [letter.toUpperCase(), letter.toLowerCase()].filter((one) => one.length === letter.length);
      for (const other of others) {
        if (normalizeText(other) !== other || !new RegExp(`^${letter}$`, 'iu').test(other)) continue;
        if (foldText(other) !== folded) wrong.push(`${letter} ${other}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('changes nothing when done twice', () => {
    for (const text of ['ΟΔΟΣ', 'İ', 'A\u0345\u0301', '𐐀', '\ud801', 'ẞ'])
      expect(foldText(foldText(text))).toBe(foldText(text));
  });

  it('takes lone surrogates as they are', () => {
    expect(foldText('A\ud801')).toBe('a\ud801');
    expect(foldText('\udc00Ä')).toBe('\udc00ä');
  });
});

describe('stream-safe normalization', () => {
  it('keeps texts apart that differ in the order of their marks only if they are longer than any word', () => {
    expect(normalizeText('a\u0323\u0307')).toBe(normalizeText('a\u0307\u0323'));
  });

  it.each([
    ['alternating marks', '\u0301\u0323'],
    ['letters with marks', '\u0323\u0301x'],
  ])('guarantees that a megabyte of %s takes linear time', (_name, piece) => {
    const text = bounded(() => foldText(`Ä${piece.repeat(500_000)}`));
    expect(text.length).toBeGreaterThan(1_000_000);
  });
});
