import { fixedClock, systemClock } from './clock.js';

describe('fixedClock', () => {
  it('stands still until it is told', () => {
    const clock = fixedClock('2026-11-24T12:00:00Z');
    expect(clock.now().toISOString()).toBe('2026-11-24T12:00:00.000Z');
    clock.set(new Date('2027-01-01T00:00:00Z'));
    expect(clock.now().getFullYear()).toBe(2027);
  });

  it('guarantees that nobody moves it by changing what it gave', () => {
    const clock = fixedClock('2026-11-24T12:00:00Z');
    clock.now().setFullYear(1999);
    expect(clock.now().getFullYear()).toBe(2026);
  });
});

describe('systemClock', () => {
  it('is the time of the system', () => {
    const before = Date.now();
    const now = systemClock.now().getTime();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
