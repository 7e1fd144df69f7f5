/** Chunks smaller than this are copied together, so that many small ones take no more than they hold. */
const SMALL_BYTES = 4_096;
const BLOCK_BYTES = 64 * 1024;

/** The bytes of a file as they came, in pieces: read at any place without being copied into one. */
export class HeldBytes {
  length = 0;
  readonly #chunks: Buffer[] = [];
  /** Where each chunk begins. */
  readonly #starts: number[] = [];
  /** What is left of the block that small chunks are copied into; it belongs to the last chunk. */
  #room: Buffer | undefined;

  static of(bytes: Uint8Array): HeldBytes {
    const held = new HeldBytes();
    held.#add(asBuffer(bytes));
    return held;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (bytes.length >= SMALL_BYTES) {
      this.#room = undefined;
      this.#add(asBuffer(bytes));
      return;
    }
    const last = this.#chunks.length - 1;
    if (this.#room === undefined || this.#room.length < bytes.length) {
      const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      block.set(bytes);
      this.#add(block.subarray(0, bytes.length));
      this.#room = block.subarray(bytes.length);
      return;
    }
    this.#room.set(bytes);
    this.#room = this.#room.subarray(bytes.length);
    const chunk = this.#chunks[last] as Buffer;
    this.#chunks[last] = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length + bytes.length);
    this.length += bytes.length;
  }

  /** The bytes from `start` to before `end`, fewer where there are no more. May share memory with what was pushed. */
  slice(start: number, end: number): Buffer {
    const to = Math.min(end, this.length);
    const from = Math.max(0, Math.min(start, to));
    let index = this.#indexOf(from);
    const first = this.#chunks[index];
    if (first === undefined || from >= to) return Buffer.alloc(0);
    const at = from - (this.#starts[index] ?? 0);
    if (at + (to - from) <= first.length) return first.subarray(at, at + (to - from));
    const pieces = [first.subarray(at)];
    for (let size = first.length - at; size < to - from;) {
      index += 1;
      const piece = (this.#chunks[index] as Buffer).subarray(0, to - from - size);
      pieces.push(piece);
      size += piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** All of it, piece by piece. */
  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  #add(chunk: Buffer): void {
    this.#starts.push(this.length);
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The last chunk that begins at or before a place. */
  #indexOf(place: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
