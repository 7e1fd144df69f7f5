import { fixedClock } from '#lib/core';
import { AttemptLimit } from './attempt-limit.js';
import { TokenBuckets } from './token-buckets.js';

const START = new Date('2026-01-01T00:00:00Z');
const later = (ms: number): Date => new Date(START.getTime() + ms);

describe('AttemptLimit', () => {
  it('makes an address wait after so many failures, until its minute is over', () => {
    const clock = fixedClock(START);
    const limit = new AttemptLimit(3, clock);
    for (let n = 0; n < 3; n += 1) {
      expect(limit.waitSeconds('192.0.2.1')).toBe(0);
      limit.failed('192.0.2.1');
    }
    expect(limit.waitSeconds('192.0.2.1')).toBe(60);
    expect(limit.waitSeconds('192.0.2.2')).toBe(0);
    clock.set(later(59_500));
    expect(limit.waitSeconds('192.0.2.1')).toBe(1);
    clock.set(later(60_000));
    expect(limit.waitSeconds('192.0.2.1')).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8::1', '2001:db8:0:0:1:2:3:4', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
  ])('counts %s and %s together: %s', (one, other, isTogether) => {
    const limit = new AttemptLimit(1, fixedClock(START));
    limit.failed(one);
    expect(limit.waitSeconds(other) > 0).toBe(isTogether);
  });

  it('forgets the oldest rather than grow', () => {
    const limit = new AttemptLimit(1, fixedClock(START));
    for (let n = 0; n <= 20_000; n += 1) limit.failed(`192.0.${n >> 8}.${n & 255}`);
    expect(limit.waitSeconds('192.0.0.0')).toBe(0);
    expect(limit.waitSeconds('192.0.0.1')).toBe(60);
  });
});

describe('TokenBuckets', () => {
  it('guarantees the rate for ever, and a second of it at once', () => {
    const clock = fixedClock(START);
    const buckets = new TokenBuckets(200, clock);
    const taken = (): number => Array.from({ length: 1_000 }, () => buckets.take('key')).filter(Boolean).length;
    expect(taken()).toBe(200);
    clock.set(later(500));
    expect(taken()).toBe(100);
    expect(buckets.take('another')).toBe(true);
    clock.set(later(60_000));
    expect(taken()).toBe(200);
    clock.set(later(0));
    expect(taken()).toBe(0);
  });
});
