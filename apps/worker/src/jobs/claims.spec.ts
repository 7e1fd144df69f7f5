import { jest } from '@jest/globals';
import type { Claim, QueueName } from '#lib/flow';
import { Claims } from './claims.js';

const claim = (id: string, organizationId = 'a', queue: QueueName = 'process'): Claim => ({
  queue,
  organizationId,
  id,
  claim: `${queue} ${id}`,
});

describe('Claims', () => {
  const renewed: [string, readonly string[]][] = [];
  const troubles: unknown[] = [];
  const taken = new Set<string>();
  let isAway = false;
  let claims: Claims;

  beforeEach(() => {
    jest.useFakeTimers();
    renewed.length = 0;
    troubles.length = 0;
    taken.clear();
    isAway = false;
    claims = new Claims(
      {
        renew: (organizationId, given) => {
          if (isAway) return Promise.reject(new Error('away'));
          renewed.push([organizationId, given.map(({ id }) => id)]);
          return Promise.resolve(given.map((one) => one.claim).filter((one) => !taken.has(one)));
        },
        release: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()),
      },
      (error) => troubles.push(error),
    );
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('renews what is held three times within the five seconds of a claim, by organization', async () => {
    for (const one of [claim('1'), claim('2'), claim('2', 'a', 'emit'), claim('3', 'b')]) claims.hold(one, 0);
    await jest.advanceTimersByTimeAsync(4_900);
    expect(renewed).toHaveLength(6);
    expect(renewed.slice(0, 2)).toEqual([
      ['a', ['1', '2', '2']],
      ['b', ['3']],
    ]);
  });

  it('renews nothing that was dropped or given back', async () => {
    const [one, two] = [claim('1'), claim('2')];
    claims.hold(one, 0);
    claims.hold(two, 0);
    claims.drop(one);
    await jest.advanceTimersByTimeAsync(1_500);
    await claims.giveBack(two, new Date(0));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(renewed).toEqual([['a', ['2']]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('goes on while the record is away', async () => {
    const one = claim('1');
    claims.hold(one, 0);
    isAway = true;
    await jest.advanceTimersByTimeAsync(1_500);
    isAway = false;
    await jest.advanceTimersByTimeAsync(1_500);
    expect([troubles.length, renewed.length]).toEqual([1, 1]);
    isAway = true;
    await claims.giveBack(one, new Date(0));
    expect([troubles.length, claims.size]).toEqual([2, 0]);
  });

  it('guarantees that nothing is sure that was not taken or renewed in the last four seconds', async () => {
    const [kept, lost] = [claim('1'), claim('2')];
    expect(claims.isSure(kept)).toBe(false);
    for (const one of [kept, lost]) claims.hold(one, performance.now());
    taken.add(lost.claim);
    await jest.advanceTimersByTimeAsync(3_999);
    expect([claims.isSure(kept), claims.isSure(lost)]).toEqual([true, true]);
    await jest.advanceTimersByTimeAsync(1);
    expect([claims.isSure(kept), claims.isSure(lost)]).toEqual([true, false]);
    isAway = true;
    await jest.advanceTimersByTimeAsync(4_000);
    expect(claims.isSure(kept)).toBe(false);
    isAway = false;
    await jest.advanceTimersByTimeAsync(1_500);
    expect(claims.isSure(kept)).toBe(true);
    claims.drop(kept);
    expect(claims.isSure(kept)).toBe(false);
  });
});
