import { jest } from '@jest/globals';
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

interface Reading {
  bytes: number;
  /** `end`, or the code of the error; `waits` if ten minutes bring neither. */
  outcome: string;
}

async function read(source: AsyncIterator<Uint8Array>): Promise<Reading> {
  const reading: Reading = { bytes: 0, outcome: 'waits' };
  const readAll = async (): Promise<void> => {
    for await (const piece of inTime(source, PACE)) reading.bytes += piece.length;
  };
  void readAll().then(
    () => (reading.outcome = 'end'),
    (error: unknown) => (reading.outcome = (error as { code: string }).code),
  );
  await jest.advanceTimersByTimeAsync(600_000);
  return reading;
}

describe('inTime', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives what comes, to its end', async () => {
    expect(await read(slowly([10, 0], [1_000, 20], [5, 20], [0, 0]))).toEqual({ bytes: 1_015, outcome: 'end' });
  });

  it('guarantees that a body that stops is not waited for, nor one that comes byte by byte', async () => {
    const outcome = 'ERR_REQUEST_TIMEOUT';
    expect(await read(slowly([10, 0]))).toEqual({ bytes: 10, outcome });
    // 24 ms of patience go with each of them.
    const bytes = Array.from({ length: 100 }, () => [1, 25] as const);
    expect(await read(slowly(...bytes))).toEqual({ bytes: 8, outcome });
  });

  it('has patience again after bytes that came', async () => {
    const pieces = Array.from({ length: 6 }, () => [200, 190] as const);
    expect(await read(slowly(...pieces, [0, 0]))).toEqual({ bytes: 1_200, outcome: 'end' });
  });

  it('does not count the time that a piece is worked with', async () => {
    const source = slowly([1, 0], [1, 0], [0, 0]);
    const worked = async (): Promise<number> => {
      let count = 0;
      for await (const _piece of inTime(source, PACE)) {
        count += 1;
        jest.advanceTimersByTime(250);
      }
      return count;
    };
    const count = worked();
    await jest.advanceTimersByTimeAsync(10);
    expect(await count).toBe(2);
  });

  it('does not wait for the rest when nobody wants it', async () => {
    const first = async (): Promise<number> => {
      for await (const piece of inTime(slowly([3, 0], [3, 60_000]), PACE)) return piece.length;
      return 0;
    };
    const length = first();
    await jest.advanceTimersByTimeAsync(10);
    expect(await length).toBe(3);
  });
});
