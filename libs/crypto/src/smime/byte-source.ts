/** The source ended before what was asked for. */
export class SourceEnded extends Error {}

/** The source itself threw (a blob that cannot be read, …): not the fault of the bytes. */
export class SourceFailed extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause });
  }
}

/** Reads a stream of pieces in the portions that a parser wants. Holds one piece at a time. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  #position = 0;
  #isDone = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** The next byte; `undefined` at the end. */
  async next(): Promise<number | undefined> {
    if (this.#at >= this.#piece.length && !(await this.#pull())) return undefined;
    this.#position += 1;
    return this.#piece[this.#at++];
  }

  /** The next byte; throws {@link SourceEnded} at the end. */
  async byte(): Promise<number> {
    const byte = await this.next();
    if (byte === undefined) throw new SourceEnded();
    return byte;
  }

  /** Like {@link some}, but `undefined` at the end. */
  async piece(bytesMax: number): Promise<Uint8Array | undefined> {
    if (this.#at >= this.#piece.length && !(await this.#pull())) return undefined;
    return this.some(bytesMax);
  }

  /** What is at hand: at least 1 and at most `bytesMax` bytes. Throws {@link SourceEnded} at the end. */
  async some(bytesMax: number): Promise<Uint8Array> {
    if (this.#at >= this.#piece.length && !(await this.#pull())) throw new SourceEnded();
    const some = this.#piece.subarray(this.#at, this.#at + bytesMax);
    this.#at += some.length;
    this.#position += some.length;
    return some;
  }

  /** Exactly `count` bytes. The caller bounds `count`: memory is taken as bytes come, never ahead of them. */
  async exactly(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts, count);
  }

  /** Tells the source that no more will be read. */
  async close(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    await this.#pieces.return?.();
  }

  async #pull(): Promise<boolean> {
    while (!this.#isDone) {
      const result = await this.#pieces.next().catch((cause: unknown) => {
        this.#isDone = true;
        throw new SourceFailed(cause);
      });
      if (result.done === true) {
        this.#isDone = true;
        break;
      }
      if (result.value.length === 0) continue;
      this.#piece = result.value;
      this.#at = 0;
      return true;
    }
    return false;
  }
}
