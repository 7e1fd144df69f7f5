import { collect, inTurns } from './byte-streams.js';

describe('inTurns', () => {
  it('gives all bytes, and other work its turn between them', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, n) => n % 251));
    let turns = 0;
    const work = (): void => {
      turns += 1;
      next = setImmediate(work);
    };
    let next = setImmediate(work);
    expect((await collect(inTurns(bytes))).equals(bytes)).toBe(true);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(10);
  });

  it('gives nothing of nothing', async () => {
    expect(await collect(inTurns(new Uint8Array(0)))).toHaveLength(0);
  });
});
