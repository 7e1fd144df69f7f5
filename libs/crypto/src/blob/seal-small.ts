import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomBytes, Secret } from '#lib/core';
import { CryptoError } from '../errors.js';
import { deriveSubkey } from './subkey.js';

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + SALT_BYTES + NONCE_BYTES;

/** How much longer than the plaintext the sealed bytes are. */
export const SMALL_OVERHEAD_BYTES = HEAD_BYTES + TAG_BYTES;

/**
 * Seals a few bytes that are in memory (a trace, a wrapped key): a version byte, a salt of 16 bytes, a nonce of 12,
 * AES-256-GCM under HKDF of key, salt and purpose, the tag. What is sealed for one purpose does not open for another;
 * `bound` (an id, say) is not kept, but must be the same to open. Any number may be sealed under one key.
 * Error: `ERR_SEAL_KEY_WRONG`.
 */
export function sealSmall(
  key: Secret<Uint8Array>,
  purpose: string,
  plain: Uint8Array,
  random: RandomBytes,
  bound = '',
): Buffer {
  const head = Buffer.concat([Buffer.of(VERSION), random(SALT_BYTES + NONCE_BYTES)]);
  const cipher = createCipheriv('aes-256-gcm', subkeyOf(key, purpose, head), head.subarray(1 + SALT_BYTES));
  cipher.setAAD(boundBytes(head, bound));
  const sealed = cipher.update(plain);
  cipher.final();
  return Buffer.concat([head, sealed, cipher.getAuthTag()]);
}

/** Opens what `sealSmall` made. Error: `ERR_OPEN_FAILED`, whatever differs. */
export function openSmall(key: Secret<Uint8Array>, purpose: string, sealed: Uint8Array, bound = ''): Buffer {
  if (sealed.length < SMALL_OVERHEAD_BYTES || sealed[0] !== VERSION) throw new CryptoError('ERR_OPEN_FAILED');
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  const head = bytes.subarray(0, HEAD_BYTES);
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', subkeyOf(key, purpose, head), head.subarray(1 + SALT_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundBytes(head, bound));
  decipher.setAuthTag(bytes.subarray(end));
  const plain = decipher.update(bytes.subarray(HEAD_BYTES, end));
  try {
    decipher.final();
  } catch (cause) {
    throw new CryptoError('ERR_OPEN_FAILED', { cause });
  }
  return plain;
}

function subkeyOf(key: Secret<Uint8Array>, purpose: string, head: Buffer): KeyObject {
  return deriveSubkey(key, head.subarray(1, 1 + SALT_BYTES), `sealflow small 1 ${purpose}`);
}

function boundBytes(head: Buffer, bound: string): Buffer {
  return Buffer.concat([head.subarray(0, 1), Buffer.from(bound)]);
}
