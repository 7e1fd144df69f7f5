/** The bytes as a stream of pieces of that size; all in one piece if none is given. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = Math.max(bytes.length, 1)): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + pieceBytes);
  }
}

/** Everything that a stream gives. */
export async function gather(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
