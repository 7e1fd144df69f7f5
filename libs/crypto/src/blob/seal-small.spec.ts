import { randomBytes } from 'node:crypto';
import { Secret } from '#lib/core';
import { openSmall, sealSmall, SMALL_OVERHEAD_BYTES } from './seal-small.js';

const key = new Secret<Uint8Array>(randomBytes(32));
const plain = Buffer.from('{"why":[]}');
const failed = expect.objectContaining({ code: 'ERR_OPEN_FAILED' });

describe('sealSmall', () => {
  it.each([0, 1, 1000])('seals %d bytes that openSmall opens', (size) => {
    const bytes = randomBytes(size);
    const sealed = sealSmall(key, 'trace', bytes, randomBytes, 'id');
    expect(sealed.length).toBe(size + SMALL_OVERHEAD_BYTES);
    expect(openSmall(key, 'trace', sealed, 'id').equals(bytes)).toBe(true);
  });

  it('guarantees that another purpose, another id or another key does not open it', () => {
    const sealed = sealSmall(key, 'trace', plain, randomBytes, 'id');
    expect(() => openSmall(key, 'summary', sealed, 'id')).toThrow(failed);
    expect(() => openSmall(key, 'trace', sealed, 'other')).toThrow(failed);
    expect(() => openSmall(key, 'trace', sealed)).toThrow(failed);
    expect(() => openSmall(new Secret<Uint8Array>(randomBytes(32)), 'trace', sealed, 'id')).toThrow(failed);
  });

  it('guarantees that one flipped bit and each shortening is seen', () => {
    const sealed = sealSmall(key, 'trace', plain, randomBytes);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x40, at);
      expect(() => openSmall(key, 'trace', changed)).toThrow(failed);
      expect(() => openSmall(key, 'trace', sealed.subarray(0, at))).toThrow(failed);
    }
    expect(openSmall(key, 'trace', sealed).equals(plain)).toBe(true);
  });

  it('gives other bytes each time', () => {
    const sealed = Array.from({ length: 10 }, () => sealSmall(key, 'trace', plain, randomBytes).toString('hex'));
    expect(new Set(sealed).size).toBe(10);
  });
});
