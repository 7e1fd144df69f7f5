import { setImmediate as turn } from 'node:timers/promises';

/** All bytes of a stream in one buffer: for what is known to be small. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return pieces.length === 1 && Buffer.isBuffer(pieces[0]) ? pieces[0] : Buffer.concat(pieces);
}

/** Bytes, and a stream behind them. */
export async function* concat(head: Uint8Array, tail?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  if (tail !== undefined) yield* tail;
}

const TURN_BYTES = 64 * 1024;

/** Bytes as a stream that lets other work have its turn between its pieces. */
export async function* inTurns(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += TURN_BYTES) {
    yield bytes.subarray(at, at + TURN_BYTES);
    await turn();
  }
}

/** A stream without its first bytes. */
export async function* skip(source: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of source) {
    const rest = left === 0 ? piece : piece.subarray(Math.min(left, piece.length));
    left -= piece.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
