import type { ListType } from '../types.js';

/**
 * The packed form of a list: little-endian, five parts one behind the other.
 *
 * 1. header, twelve 32-bit words: see {@link HEADER};
 * 2. where each block of {@link BLOCK_ENTRIES} entries begins in the keys, and where the last one ends: 32 bits each;
 * 3. slots of a hash table: 0, or 1 + the number of the block (17 bits) and a fingerprint of the key (15 bits);
 * 4. for words, a filter: a bit for the hash of each beginning of a key;
 * 5. the keys in the order of their bytes. Each: how many bytes it shares with the one before in its block (one byte), how
 *    many follow (7 bits a byte, low ones first), and those.
 *
 * The same entries always give the same bytes.
 */
export const HEADER = {
  magic: 0,
  type: 1,
  count: 2,
  blocks: 3,
  slots: 4,
  /** 32-bit words of the filter: a power of two, or none. */
  filterWords: 5,
  keyBytes: 6,
  /** Bytes of the longest key. */
  longest: 7,
} as const;

export const HEADER_WORDS = 12;

/** `SFL1` in a file. */
export const MAGIC = 0x314c4653;

export const LIST_TYPES: readonly ListType[] = ['addresses', 'domains', 'words', 'hashes'];

export const BLOCK_ENTRIES = 8;
export const SHARED_BYTES_MAX = 255;

/** With 15 bits for the fingerprint a slot has room for so many blocks. */
export const FINGERPRINT_BITS = 15;
const FINGERPRINT_MASK = (1 << FINGERPRINT_BITS) - 1;

/** More entries a list does not take. */
export const ENTRIES_MAX = 1_000_000;
/** Bytes of all keys together before they are packed. */
export const KEY_BYTES_MAX = 96 * 1024 * 1024;

/** Slots for so many entries: three quarters of them are taken. */
export function slotsFor(count: number): number {
  return Math.floor((count * 4) / 3) + 1;
}

/** FNV-1a, byte by byte: the hash of a beginning goes on to that of the whole. */
export const HASH_START = 0x811c9dc5 | 0;

export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** The hash of a key, from the last step: unsigned, each bit depending on all. */
export function hashEnd(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at += 1) hash = hashStep(hash, bytes[at] as number);
  return hashEnd(hash);
}

/** The slot where a key is looked for first, then those behind it. */
export function slotOf(hash: number, slots: number): number {
  return Math.floor((hash * slots) / 0x1_0000_0000);
}

/** Of the low bits, since the slot goes by the high ones. */
export function fingerprintOf(hash: number): number {
  return hash & FINGERPRINT_MASK;
}

/** The bit of the filter for a beginning, from its last step. `bits` is a power of two. */
export function filterBit(hash: number, bits: number): number {
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7) & (bits - 1);
}

/** Words of the filter for so many beginnings: at least 8 bits for each, at most 8 MiB (of 25 bits that a hash gives). */
export function filterWordsFor(beginnings: number): number {
  let words = 1;
  while (words * 32 < beginnings * 8 && words < 1 << 20) words *= 2;
  return words;
}
