import { jest } from '@jest/globals';
import { ENCODINGS } from './charset-labels.js';
import { decodeCharset, knownCharset } from './charset.js';

describe('the charsets that are known', () => {
  it('are those of TextDecoder, under its names', () => {
    for (const [label, encoding] of ENCODINGS)
      expect([label, new TextDecoder(label).encoding]).toEqual([label, encoding]);
    expect(ENCODINGS.size).toBeGreaterThan(200);
  });

  it.each([
    ['UTF-8', 'utf-8'],
    ['utf_8', 'utf-8'],
    [' ISO-8859-1 ', 'windows-1252'],
    ['iso88591', 'windows-1252'],
    ['cp-1251', 'windows-1251'],
    ['windows1250', 'windows-1250'],
    ['x-cp932', 'shift_jis'],
    ['cp936', 'gbk'],
    ['tis-620', 'windows-874'],
    ['unicode', 'utf-16'],
    ['UTF16LE', 'utf-16le'],
    ['utf-8*en', 'utf-8'],
    ['UTF-7', 'utf-7'],
    ['us-ascii', undefined],
    ['ibm037', undefined],
    ['', undefined],
  ])('%j is %j', (label, expected) => {
    expect(knownCharset(label)).toBe(expected);
  });

  it('are not asked of the runtime again and again where each of many is another that is none', () => {
    const Runtime = TextDecoder;
    const made = jest.spyOn(globalThis, 'TextDecoder').mockImplementation((label) => new Runtime(label));
    try {
      for (let count = 0; count < 1_000; count += 1) {
        expect(decodeCharset(`charset-${count}`, Buffer.from('x'))).toBe('x');
      }
      expect(made.mock.calls.length).toBeLessThanOrEqual(1);
    } finally {
      made.mockRestore();
    }
  });
});
