import { hkdfSync } from 'node:crypto';
import type { Secret } from '#lib/core';
import { CryptoError } from '../errors.js';

/** AES-256: bytes of every key here. */
export const KEY_BYTES = 32;

/**
 * A key for one use, by HKDF-SHA256 (RFC 5869) from a key of 32 bytes, a salt and a purpose. With a random salt no two
 * uses share a key, so counters may be nonces. Error: `ERR_SEAL_KEY_WRONG`.
 */
export function deriveSubkey(key: Secret<Uint8Array>, salt: Uint8Array, purpose: string): Buffer {
  const bytes = key.reveal();
  if (bytes.length !== KEY_BYTES) throw new CryptoError('ERR_SEAL_KEY_WRONG');
  return Buffer.from(hkdfSync('sha256', bytes, salt, purpose, KEY_BYTES));
}
