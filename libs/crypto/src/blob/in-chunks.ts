/** `bytes` are only lent: they are overwritten when the next chunk is asked for. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/**
 * Cuts a stream into chunks of `size` bytes; the last one has what is left, which is nothing only if the stream is empty.
 * Holds one chunk, since it must know whether another byte follows.
 */
export async function* inChunks(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Chunk> {
  const buffer = Buffer.allocUnsafe(size);
  let used = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      if (used === size) {
        yield { bytes: buffer, isLast: false };
        used = 0;
      }
      const taken = Math.min(size - used, piece.length - at);
      buffer.set(piece.subarray(at, at + taken), used);
      used += taken;
      at += taken;
    }
  }
  yield { bytes: buffer.subarray(0, used), isLast: true };
}
