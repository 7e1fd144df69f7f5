import { createHash } from 'node:crypto';

/** Fills a buffer with random bytes; `node:crypto`'s `randomBytes` in production, seeded in tests. */
export type RandomBytes = (size: number) => Uint8Array;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of our ids (a UUID in lower case); anything else is "not found" before it is looked up. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** A UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits. */
export function newId(nowMs: number, random: RandomBytes): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.set(random(10), 6);
  return format(bytes, 7);
}

/**
 * A UUID version 8 (RFC 9562) that depends only on what is given: the same parts always give the same id, so that work
 * which is done twice writes the same rows. Parts are length-prefixed, so `['a','bc']` and `['ab','c']` differ.
 */
export function deriveId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return format(hash.digest().subarray(0, 16), 8);
}

function format(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
