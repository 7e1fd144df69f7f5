import { inTime } from './body-pace.js';

const PACE = { patienceMs: 200, bytesPerMs: 1 };

/** Pieces of so many bytes, each after so many milliseconds; then nothing more, and no end. */
function slowly(...pieces: readonly (readonly [bytes: number, afterMs: number])[]): AsyncIterator<Uint8Array> {
  const queue = [...pieces];
  return {
    next: () =>
      new Promise((resolve) => {
        const [bytes, afterMs] = queue.shift() ?? [];
        if (bytes === undefined) return;
        setTimeout(
          () => resolve(bytes === 0 ? { done: true, value: undefined } : { value: Buffer.alloc(bytes) }),
          afterMs,
        );
      }),
    return: () => new Promise(() => undefined),
  };
}

async function read(source: AsyncIterator<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of inTime(source, PACE)) bytes += piece.length;
  return bytes;
}

describe('inTime', () => {
  it('gives what comes, to its end', async () => {
    expect(await read(slowly([10, 0], [1_000, 20], [5, 20], [0, 0]))).toBe(1_015);
  });

  it('guarantees that a body that stops is not waited for, nor one that comes byte by byte', async () => {
    const late = { code: 'ERR_REQUEST_TIMEOUT' };
    await expect(read(slowly([10, 0]))).rejects.toMatchObject(late);
    const startedAt = performance.now();
    const bytes = Array.from({ length: 100 }, () => [1, 25] as const);
    await expect(read(slowly(...bytes))).rejects.toMatchObject(late);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it('has patience again after bytes that came', async () => {
    expect(await read(slowly(...Array.from({ length: 6 }, () => [200, 60] as const), [0, 0]))).toBe(1_200);
  });

  it('does not count the time that a piece is worked with', async () => {
    let count = 0;
    for await (const _piece of inTime(slowly([1, 0], [1, 0], [0, 0]), PACE)) {
      count += 1;
      const until = performance.now() + 250;
      while (performance.now() < until);
    }
    expect(count).toBe(2);
  });

  it('does not wait for the rest when nobody wants it', async () => {
    for await (const piece of inTime(slowly([3, 0], [3, 60_000]), PACE)) {
      expect(piece.length).toBe(3);
      break;
    }
  });
});
