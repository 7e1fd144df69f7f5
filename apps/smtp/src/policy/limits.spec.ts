import { fixedClock } from '#lib/core';
import { ConnectionLimits } from './connection-limits.js';
import { networkOf } from './network-of.js';
import { Organizations } from './organizations.js';
import { TokenBuckets } from './token-bucket.js';
import { TrustedNetworks } from './trusted-networks.js';

const START = '2026-11-24T10:00:00Z';
const after = (ms: number): Date => new Date(Date.parse(START) + ms);

describe('TokenBuckets', () => {
  it('takes the burst at once, then what comes back', () => {
    const clock = fixedClock(START);
    const buckets = new TokenBuckets(clock, { burst: 3, perSecond: 2 });
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
    expect(buckets.take('b')).toBe(true);
    clock.set(after(500));
    expect([1, 2].map(() => buckets.take('a'))).toEqual([true, false]);
    expect(buckets.has('a')).toBe(false);
    clock.set(after(60_000));
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
  });

  it('remembers a bounded number of names', () => {
    const buckets = new TokenBuckets(fixedClock(START), { burst: 1, perSecond: 0, namesMax: 2 });
    for (const name of ['a', 'b', 'c']) buckets.take(name);
    expect(['b', 'c', 'a'].map((name) => buckets.has(name))).toEqual([false, false, true]);
  });
});

describe('ConnectionLimits', () => {
  it('gives an address that is not trusted fifty at once, and room when one goes', () => {
    const limits = new ConnectionLimits(fixedClock(START));
    for (let count = 0; count < 50; count += 1) expect(limits.take('192.0.2.1', false)).toBe(true);
    expect(limits.take('192.0.2.1', false)).toBe(false);
    expect(limits.take('192.0.2.2', false)).toBe(true);
    limits.giveBack('192.0.2.1', false);
    expect(limits.take('192.0.2.1', false)).toBe(true);
  });

  it('gives it a bounded number of new ones in a second', () => {
    const clock = fixedClock(START);
    const limits = new ConnectionLimits(clock);
    const tryOne = (): boolean => {
      const isTaken = limits.take('192.0.2.1', false);
      if (isTaken) limits.giveBack('192.0.2.1', false);
      return isTaken;
    };
    for (let count = 0; count < 100; count += 1) expect(tryOne()).toBe(true);
    expect(tryOne()).toBe(false);
    clock.set(after(1_000));
    expect(tryOne()).toBe(true);
  });

  it('guarantees that strangers leave room for trusted networks', () => {
    const limits = new ConnectionLimits(fixedClock(START));
    let strangers = 0;
    for (let host = 0; host < 100; host += 1) {
      for (let count = 0; count < 50; count += 1) if (limits.take(`192.0.2.${host}`, false)) strangers += 1;
    }
    expect(strangers).toBe(1_000);
    for (let count = 0; count < 1_000; count += 1) expect(limits.take('10.0.0.1', true)).toBe(true);
    expect(limits.take('10.0.0.1', true)).toBe(false);
    expect(limits.open).toBe(2_000);
  });

  it('guarantees that a trusted network opens and closes far more than 200 a second', () => {
    const limits = new ConnectionLimits(fixedClock(START));
    for (let count = 0; count < 5_000; count += 1) {
      expect(limits.take('10.0.0.1', true)).toBe(true);
      limits.giveBack('10.0.0.1', true);
    }
  });
});

describe('TrustedNetworks', () => {
  const networks = new TrustedNetworks(['127.0.0.0/8', '::1/128', '10.1.2.3', '2001:db8::/32']);

  it.each([
    ['127.5.6.7', true],
    ['::1', true],
    ['10.1.2.3', true],
    ['10.1.2.4', false],
    ['2001:db8:1::5', true],
    ['2001:db9::5', false],
    ['::ffff:127.0.0.1', true],
    ['2001:db8::1%eth0', true],
    ['192.0.2.1', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(networks.has(address)).toBe(expected);
  });

  it('trusts nobody where there are none', () => {
    expect(new TrustedNetworks([]).has('127.0.0.1')).toBe(false);
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('%s: %s', (address, expected) => {
    expect(networkOf(address)).toBe(expected);
  });
});

describe('Organizations', () => {
  it('asks once for questions that meet, and again after a few seconds', async () => {
    const clock = fixedClock(START);
    const asked: string[] = [];
    const find = async (domain: string): Promise<string | undefined> => {
      asked.push(domain);
      await Promise.resolve();
      return domain === 'ours.example' ? 'us' : undefined;
    };
    const organizations = new Organizations({ findByDomain: find }, clock);
    expect(await Promise.all([1, 2, 3].map(() => organizations.findByDomain('ours.example')))).toEqual([
      'us',
      'us',
      'us',
    ]);
    expect(await organizations.findByDomain('other.example')).toBeUndefined();
    clock.set(after(3_000));
    await organizations.findByDomain('ours.example');
    await organizations.findByDomain('other.example');
    clock.set(after(6_000));
    await organizations.findByDomain('ours.example');
    expect(asked).toEqual(['ours.example', 'other.example', 'other.example', 'ours.example']);
  });

  it('does not remember that the database was away', async () => {
    let isAway = true;
    const find = async (): Promise<string> => {
      await Promise.resolve();
      if (isAway) throw new Error('away');
      return 'us';
    };
    const organizations = new Organizations({ findByDomain: find }, fixedClock(START));
    await expect(organizations.findByDomain('ours.example')).rejects.toThrow('away');
    isAway = false;
    expect(await organizations.findByDomain('ours.example')).toBe('us');
  });
});
