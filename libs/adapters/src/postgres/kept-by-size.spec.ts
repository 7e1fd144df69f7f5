import { KeptBySize } from './kept-by-size.js';

/** What is asked for, and how often it was loaded. */
function shelf(sizeMax: number) {
  const kept = new KeptBySize<string>(sizeMax);
  const loaded: string[] = [];
  const get = (key: string, size = 1): Promise<string | undefined> =>
    kept.get(key, () => {
      loaded.push(key);
      return Promise.resolve({ value: key, size });
    });
  return { kept, loaded, get };
}

describe('what is kept by size', () => {
  it('is loaded once, however many ask at a time', async () => {
    const { loaded, get } = shelf(10);
    expect(await Promise.all([get('a'), get('a'), get('a')])).toEqual(['a', 'a', 'a']);
    expect(await get('a')).toBe('a');
    expect(loaded).toEqual(['a']);
  });

  it('goes when there is too much, what was used longest ago first; the newest stays however large it is', async () => {
    const { loaded, get } = shelf(3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) await get(key);
    await get('a');
    expect(loaded).toEqual(['a', 'b', 'c', 'd']);
    await get('b');
    expect(loaded).toEqual(['a', 'b', 'c', 'd', 'b']);
    await get('large', 100);
    await get('large', 100);
    expect(loaded.filter((key) => key === 'large')).toEqual(['large']);
    await get('a');
    expect(loaded.filter((key) => key === 'a')).toEqual(['a', 'a']);
  });

  it('guarantees that neither a failure nor a miss is kept', async () => {
    const { kept, get } = shelf(3);
    await expect(kept.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await kept.get('a', () => Promise.resolve(undefined))).toBeUndefined();
    expect(await get('a')).toBe('a');
  });
});
