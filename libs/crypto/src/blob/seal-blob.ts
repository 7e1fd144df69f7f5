import type { RandomBytes, Secret } from '#lib/core';
import { CHUNK_BYTES, ChunkCipher, newHeader } from './blob-format.js';
import { inChunks } from './in-chunks.js';

/**
 * Seals a stream under a data key of 32 bytes: AES-256-GCM in chunks of 64 KiB, constant memory. `sealedSize` tells the
 * length beforehand. Errors of `source` come through. `random` must never repeat itself: it makes the salt of the blob.
 * Error: `ERR_SEAL_KEY_WRONG`.
 */
export async function* sealBlob(
  key: Secret<Uint8Array>,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  random: RandomBytes,
): AsyncGenerator<Buffer> {
  const header = newHeader(random);
  const cipher = new ChunkCipher(key, header);
  yield header;
  for await (const { bytes, isLast } of inChunks(source, CHUNK_BYTES)) yield* cipher.seal(bytes, isLast);
}

/** The same for bytes that are in memory: the pieces to be written one after the other. Without a turn of the event loop. */
export function sealBlobWhole(key: Secret<Uint8Array>, plain: Uint8Array, random: RandomBytes): Buffer[] {
  const header = newHeader(random);
  const cipher = new ChunkCipher(key, header);
  const sealed = [header];
  let at = 0;
  do {
    const end = Math.min(at + CHUNK_BYTES, plain.length);
    sealed.push(...cipher.seal(plain.subarray(at, end), end === plain.length));
    at = end;
  } while (at < plain.length);
  return sealed;
}
