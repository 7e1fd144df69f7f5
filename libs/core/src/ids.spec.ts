import { deriveId, isId, newId } from './ids.js';

const ones = (size: number): Uint8Array => new Uint8Array(size).fill(0xff);
const zeros = (size: number): Uint8Array => new Uint8Array(size);

describe('newId', () => {
  it('is a UUID of version 7: the time, then random bits', () => {
    const nowMs = Date.parse('2022-02-22T19:22:22.000Z');
    expect(newId(nowMs, zeros)).toBe('017f22e2-79b0-7000-8000-000000000000');
    expect(newId(nowMs, ones)).toBe('017f22e2-79b0-7fff-bfff-ffffffffffff');
  });

  it('guarantees that ids of later milliseconds come later', () => {
    const times = [0, 1, 255, 256, 2 ** 32, Date.parse('2026-11-24'), 2 ** 48 - 1];
    const ids = times.map((time, index) => newId(time, index % 2 === 0 ? ones : zeros));
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('deriveId', () => {
  it('is a UUID of version 8 that depends on its parts, on how they are parted, and on nothing else', () => {
    const id = deriveId('message', 'notify', 'ann@customer.example');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(deriveId('message', 'notify', 'ann@customer.example')).toBe(id);
    const all = [
      deriveId('a', 'bc'),
      deriveId('ab', 'c'),
      deriveId('abc'),
      deriveId('a', 'b', 'c'),
      deriveId('a', '', 'bc'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('guarantees that an id stays what it is: rows were written under it', () => {
    expect(deriveId('message', 'delivery')).toBe('44c0b4a4-3264-86ff-a68b-1ae6d2546af6');
  });
});

describe('isId', () => {
  it('knows the form of our ids and no other', () => {
    for (const id of [newId(0, zeros), deriveId('x')]) expect(isId(id)).toBe(true);
    for (const text of [
      '',
      'x',
      deriveId('x').toUpperCase(),
      `${deriveId('x')} `,
      `{${deriveId('x')}}`,
      deriveId('x').slice(1),
    ])
      expect(isId(text)).toBe(false);
  });
});
