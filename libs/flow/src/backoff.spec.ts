import { emitDelayMs, processDelayMs } from './backoff.js';

const MINUTE_MS = 60_000;

describe('backoff', () => {
  it('starts at a minute, doubles, and ends at four hours, less up to a fifth', () => {
    for (const [attempts, fullMs] of [
      [1, MINUTE_MS],
      [2, 2 * MINUTE_MS],
      [5, 16 * MINUTE_MS],
      [8, 128 * MINUTE_MS],
      [9, 240 * MINUTE_MS],
      [1_000, 240 * MINUTE_MS],
    ] as const) {
      const delayMs = emitDelayMs('a-delivery', attempts);
      expect(delayMs).toBeLessThanOrEqual(fullMs);
      expect(delayMs).toBeGreaterThanOrEqual(fullMs * 0.8);
    }
  });

  it('gives the same delay for the same id and count, another for another id', () => {
    expect(emitDelayMs('a', 3)).toBe(emitDelayMs('a', 3));
    const delays = new Set(Array.from({ length: 50 }, (_, index) => emitDelayMs(`delivery ${index}`, 3)));
    expect(delays.size).toBeGreaterThan(45);
  });

  it('processes again after a second, later after five minutes at most', () => {
    expect(processDelayMs('a-message', 1)).toBeLessThanOrEqual(1_000);
    expect(processDelayMs('a-message', 20)).toBeLessThanOrEqual(5 * MINUTE_MS);
    expect(processDelayMs('a-message', 20)).toBeGreaterThanOrEqual(4 * MINUTE_MS);
  });
});
