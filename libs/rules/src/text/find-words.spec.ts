import { bounded } from '../../../../test/support/bounded.js';
import { foldText } from './fold-text.js';
import { collapseSpace, hasWords } from './find-words.js';

function stands(phrase: string, text: string): boolean {
  return hasWords(collapseSpace(foldText(text)), collapseSpace(foldText(phrase)).trim());
}

describe('whole words', () => {
  it.each([
    ['alone', 'contoso', 'contoso'],
    ['in an address', 'contoso', 'a@contoso.com'],
    ['between dashes', 'contoso', 'x-contoso-x'],
    ['in brackets', 'contoso', '(Contoso)'],
    ['after a word that only begins with it', 'contoso', 'contosoa contoso'],
    ['over a line end', 'financial records', 'Financial\r\n\t records'],
    ['with a no-break space', 'financial records', 'financial\u00a0records'],
    ['with punctuation at its edges', '[x]', 'a [x] b'],
    ['in Chinese, anywhere', '机密', '这是机密文件'],
    ['in Thai, anywhere', 'ลับ', 'เอกสารลับมาก'],
    ['in Japanese behind Latin letters', '秘密', 'A秘密B'],
    ['as Latin letters in Chinese', 'ABC', '機密ABC文件'],
    ['as Latin letters before a kana mark', 'abc', 'ーABCー'],
    ['as Latin letters in Thai', 'pdf', 'เอกสารPDFลับ'],
    ['in Korean, which has spaces', '비밀', '이것은 비밀 입니다'],
    ['as Latin letters before a Korean particle', 'contoso', '계약은 contoso에서'],
    ['as digits in Korean', '2026', '제2026호'],
    ['in Korean behind Latin letters', '비밀', 'IT비밀 문서'],
    ['behind an astral symbol', 'secret', '😀secret😀'],
    ['in other case', 'ΟΔΟΣ', 'η οδος μου'],
  ])('stand %s', (_name, phrase, text) => {
    expect(stands(phrase, text)).toBe(true);
  });

  it.each([
    ['before a letter', 'contoso', 'contosoa'],
    ['behind a letter', 'contoso', 'acontoso'],
    ['before a digit', 'contoso', 'contoso1'],
    ['before an underscore', 'contoso', 'contoso_'],
    ['before a mark that joins nothing', 'contoso', 'contoso\u20dd'],
    ['behind an astral letter', 'secret', '𐐨secret'],
    ['before an astral letter', 'secret', 'secret𐐨'],
    ['in pieces', 'financial records', 'financial, records'],
    ['without its space', 'financial records', 'financialrecords'],
    ['in a longer Korean word', '비밀', '비밀번호'],
    ['within Latin letters in Korean', 'ABC', '문서ABCD를'],
    ['before an underscore in Korean', '비밀', '비밀_'],
    ['before a mark in Korean', '비밀', '비밀\u302e'],
    ['within Latin letters in Chinese', 'ABC', '機密ABCD文件'],
    ['beside a digit in Chinese', 'ABC', '機密ABC1文件'],
    ['with an accent that it lacks', 'cafe', 'café'],
    ['within an accent written apart', 'cafe', 'cafe\u0301'],
  ])('do not stand %s', (_name, phrase, text) => {
    expect(stands(phrase, text)).toBe(false);
  });

  it('are looked for in a megabyte of near misses in linear time', () => {
    expect(bounded(() => stands('a', 'a'.repeat(1_000_000)))).toBe(false);
  });

  it('see one space for a megabyte of white space', () => {
    expect(bounded(() => stands('a b', `a${' \n'.repeat(500_000)}b`))).toBe(true);
  });
});
