import { BoundedCache } from './bounded-cache.js';

describe('BoundedCache', () => {
  it('makes a value once and forgets what was used longest ago', () => {
    const made: string[] = [];
    const cache = new BoundedCache<string>(2);
    const get = (key: string): string =>
      cache.getOrMake(key, () => {
        made.push(key);
        return key;
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) get(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.size).toBe(2);
  });

  it('keeps nothing of a value that could not be made', () => {
    const cache = new BoundedCache<string>(2);
    expect(() =>
      cache.getOrMake('a', () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(cache.getOrMake('a', () => 'yes')).toBe('yes');
  });
});
