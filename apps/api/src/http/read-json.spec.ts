import { jsonDepth } from './json-depth.js';
import { readJson } from './read-json.js';

const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

describe('jsonDepth', () => {
  it.each([
    ['1', 0],
    ['[]', 1],
    ['{"a":[{"b":[]}]}', 4],
    ['["[[[[", "\\"[["]', 1],
    ['"\\\\"[[]]', 2],
    ['[],[],[[]]', 2],
  ])('of %s is %d', (text, depth) => expect(jsonDepth(Buffer.from(text))).toBe(depth));
});

describe('readJson', () => {
  it('reads UTF-8, with a byte order mark too', () => {
    expect(readJson(Buffer.from('\ufeff{"ä":"€"}'))).toEqual({ ä: '€' });
  });

  it('guarantees that nothing is too deep for what comes behind', () => {
    expect(readJson(nested(500))).toBeDefined();
    const tooDeep = expect.objectContaining({ code: 'ERR_JSON_TOO_DEEP' }) as Error;
    expect(() => readJson(nested(501))).toThrow(tooDeep);
    expect(() => readJson(Buffer.from('['.repeat(1_000_000)))).toThrow(tooDeep);
  });

  it.each([['{'], [''], ['undefined'], ['{"a":1,}'], ["{'a':1}"]])('refuses %s and does not quote it', (text) => {
    expect(() => readJson(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_MALFORMED', message: 'The body is not readable JSON.' }) as Error,
    );
  });
});
