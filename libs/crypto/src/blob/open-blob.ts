import type { Secret } from '#lib/core';
import { CryptoError } from '../errors.js';
import { CHUNK_BYTES, ChunkCipher, HEADER_BYTES, TAG_BYTES } from './blob-format.js';
import { inChunks } from './in-chunks.js';

/**
 * Opens what `sealBlob` made, in constant memory. Each piece that comes out is genuine, but only the end of the stream
 * says that nothing is missing after it: act on the content when it has ended, not before.
 * Error: `ERR_OPEN_FAILED`, whatever differs; errors of `source` come through.
 */
export async function* openBlob(
  key: Secret<Uint8Array>,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    const { header, rest } = await takeHeader(iterator);
    const cipher = new ChunkCipher(key, header);
    for await (const { bytes, isLast } of inChunks(resume(rest, iterator), CHUNK_BYTES + TAG_BYTES)) {
      const plain = cipher.open(bytes, isLast);
      if (plain.length > 0) yield plain;
    }
  } finally {
    await iterator.return?.();
  }
}

type AnyIterator = AsyncIterator<Uint8Array> | Iterator<Uint8Array>;

async function takeHeader(iterator: AnyIterator): Promise<{ header: Buffer; rest: Uint8Array }> {
  let taken: Buffer = Buffer.alloc(0);
  while (taken.length < HEADER_BYTES) {
    const next = await iterator.next();
    if (next.done === true) throw new CryptoError('ERR_OPEN_FAILED');
    taken =
      taken.length === 0
        ? Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length)
        : Buffer.concat([taken, next.value]);
  }
  return { header: Buffer.from(taken.subarray(0, HEADER_BYTES)), rest: taken.subarray(HEADER_BYTES) };
}

async function* resume(first: Uint8Array, iterator: AnyIterator): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}
