import type { ListType } from '../types.js';

/** Hex of MD5, SHA-1, SHA-256, SHA-384 and SHA-512. */
export const HASH_DIGITS: readonly number[] = [32, 40, 64, 96, 128];

const encoder = new TextEncoder();

/**
 * Writes the key of an entry that is in its normal form: UTF-8, of a hash its bytes. Gives the length; `undefined` where
 * no entry of this type has that form, or it does not fit.
 */
export function writeKey(type: ListType, entry: string, into: Uint8Array): number | undefined {
  if (type === 'hashes') return writeHash(entry, into);
  const { length } = entry;
  if (length > into.length) return undefined;
  for (let at = 0; at < length; at += 1) {
    const unit = entry.charCodeAt(at);
    if (unit > 0x7f) return writeUtf8(entry, into);
    into[at] = unit;
  }
  return length;
}

function writeUtf8(entry: string, into: Uint8Array): number | undefined {
  const { read, written } = encoder.encodeInto(entry, into);
  return read === entry.length ? written : undefined;
}

function writeHash(digits: string, into: Uint8Array): number | undefined {
  if (!HASH_DIGITS.includes(digits.length)) return undefined;
  for (let at = 0; at < digits.length; at += 2) {
    const byte = (digitAt(digits, at) << 4) | digitAt(digits, at + 1);
    if (byte < 0) return undefined;
    into[at >> 1] = byte;
  }
  return digits.length / 2;
}

/** -1 for what is no lower-case digit. */
function digitAt(digits: string, at: number): number {
  const unit = digits.charCodeAt(at);
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  return unit >= 0x61 && unit <= 0x66 ? unit - 0x57 : -1;
}

/** The entry of a key. */
export function textOfKey(type: ListType, key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString(type === 'hashes' ? 'hex' : 'utf8');
}
