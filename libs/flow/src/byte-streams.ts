/** All bytes of a stream in one buffer: for what is known to be small. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return pieces.length === 1 && Buffer.isBuffer(pieces[0]) ? pieces[0] : Buffer.concat(pieces);
}

/** Bytes, at hand or made when they are wanted, and a stream behind them. */
export async function* concat(
  head: Uint8Array | (() => Promise<Uint8Array>),
  tail?: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const bytes = typeof head === 'function' ? await head() : head;
  if (bytes.length > 0) yield bytes;
  if (tail !== undefined) yield* tail;
}

export function has8bit(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte > 0x7f);
}
