import { jest } from '@jest/globals';
import { checkJsonShape } from './json-shape.js';
import { readJson } from './read-json.js';
import type { ApiError } from '../problem/api-error.js';

const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

describe('checkJsonShape', () => {
  const limits = { depthMax: 9, propertiesMax: 9, containersMax: 9, restBytesMax: 99 };

  it.each([
    ['[]', 1],
    ['{"a":[{"b":[]}]}', 4],
    ['["[[[[", "\\"[["]', 1],
    ['"\\\\"[[]]', 2],
    ['[],[],[[]]', 2],
  ])('finds %s %d deep', (text, depth) => {
    const check = (depthMax: number) => checkJsonShape(Buffer.from(text), { ...limits, depthMax });
    expect([check(depth), check(depth - 1)]).toEqual(['fits', 'tooDeep']);
  });

  it.each([
    ['{"a":{"x":":,:","y":0},"b":[0,0,0],"c":{}}', { propertiesMax: 3 }],
    ['[{"a":1},{"a":1},{"a":1,"b":2}]', { propertiesMax: 2 }],
    ['[[],{},"[][][]",{"a":[]}]', { containersMax: 5 }],
    ['{"a":"1234567890","b":"12345678"}', { restBytesMax: 22 }],
    ['{"a":"\\"\\\\"}', { restBytesMax: 7 }],
  ])('takes %s up to its limit', (text, limit) => {
    const bytes = Buffer.from(text);
    const below = Object.fromEntries(Object.entries(limit).map(([name, value]) => [name, value - 1]));
    expect(checkJsonShape(bytes, { ...limits, ...limit })).toBe('fits');
    expect(checkJsonShape(bytes, { ...limits, ...below })).toBe('tooLarge');
  });
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

  it.each([
    ['properties', `{${Array.from({ length: 300_000 }, (_, n) => `"k${n}":0`).join(',')}}`],
    ['objects', `[${'{},'.repeat(1_000_000)}0]`],
    ['bytes besides one text', `["${'a'.repeat(9_000_000)}","${'b'.repeat(5_000_000)}"]`],
  ])('guarantees that what has too many %s is refused before it is parsed', (_name, text) => {
    const bytes = Buffer.from(text);
    const parsed = jest.spyOn(JSON, 'parse');
    try {
      expect(() => readJson(bytes)).toThrow(expect.objectContaining({ code: 'ERR_BODY_TOO_LARGE' }) as Error);
      expect(parsed).not.toHaveBeenCalled();
    } finally {
      parsed.mockRestore();
    }
  });

  it.each([['a'], ['\\n'], ['\\"'], [`${'a'.repeat(100)}\\\\`]])('takes a message of %j as one text', (piece) => {
    const text = piece.repeat(Math.floor(9_000_000 / piece.length));
    const body = Buffer.from(`{"raw":"${text}","x":[[]]}`);
    expect(readJson(body)).toEqual({ raw: JSON.parse(`"${text}"`) as string, x: [[]] });
  });

  it.each([['{'], [''], ['undefined'], ['{"a":1,}'], ["{'a':1}"]])('refuses %s and does not quote it', (text) => {
    expect(() => readJson(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_MALFORMED', message: 'The body is not readable JSON.' }) as Error,
    );
  });

  it.each([
    ['{"name":"x",}', ': line 1, column 13.'],
    ['{"name":\n\n1,}', ': line 3, column 3.'],
    ['', ': it ends too early.'],
    ['[1,"secret" in JSON at position 1 (line 1 column 2)', ': line 1, column 13.'],
    ['[x," in JSON at position 1 (line 1 column 2)"]', undefined],
  ])('says of %s where it cannot be read on, and nothing of what stands there', (text, where) => {
    let problems: readonly { readonly message: string }[] = [];
    try {
      readJson(Buffer.from(text));
    } catch (error) {
      ({ problems } = error as ApiError);
    }
    expect(problems.map(({ message }) => message)).toEqual(
      where === undefined ? [] : [`The body is not readable JSON${where}`],
    );
  });
});
