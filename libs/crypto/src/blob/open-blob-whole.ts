import type { Secret } from '#lib/core';
import { CHUNK_BYTES, ChunkCipher, HEADER_BYTES, TAG_BYTES } from './blob-format.js';

/**
 * Opens a blob that is in memory, all of it before the first byte is given out. Error: `ERR_OPEN_FAILED`, whatever differs.
 */
export function openBlobWhole(key: Secret<Uint8Array>, sealed: Buffer): Buffer[] {
  const cipher = new ChunkCipher(key, sealed.subarray(0, HEADER_BYTES));
  const plain: Buffer[] = [];
  let at = HEADER_BYTES;
  do {
    const end = Math.min(at + CHUNK_BYTES + TAG_BYTES, sealed.length);
    plain.push(cipher.open(sealed.subarray(at, end), end === sealed.length));
    at = end;
  } while (at < sealed.length);
  return plain;
}
