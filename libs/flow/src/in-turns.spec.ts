import { inTurns } from './in-turns.js';

describe('inTurns', () => {
  it('does all, in order of results, no more than so many at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await inTurns([5, 1, 4, 2, 3], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('ends with the first error', async () => {
    const work = (item: number): Promise<number> =>
      item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item);
    await expect(inTurns([1, 2, 3], 1, work)).rejects.toThrow('two');
  });

  it('does nothing for nothing', async () => {
    expect(await inTurns([], 8, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});
