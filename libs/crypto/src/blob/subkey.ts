import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Secret } from '#lib/core';
import { CryptoError } from '../errors.js';

/** AES-256: bytes of every key here. */
export const KEY_BYTES = 32;

/**
 * A key for one use, by HKDF-SHA256 (RFC 5869) from a key of 32 bytes, a salt and a purpose. With a random salt no two
 * uses share a key, so counters may be nonces. A key object, since node:crypto takes several times as long to be given
 * bytes. Error: `ERR_SEAL_KEY_WRONG`.
 */
export function deriveSubkey(key: Secret<Uint8Array>, salt: Uint8Array, purpose: string): KeyObject {
  const bytes = key.reveal();
  if (bytes.length !== KEY_BYTES) throw new CryptoError('ERR_SEAL_KEY_WRONG');
  return createSecretKey(Buffer.from(hkdfSync('sha256', createSecretKey(bytes), salt, purpose, KEY_BYTES)));
}
