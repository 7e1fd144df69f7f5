import type { ByteSink, TransferDecoder } from './byte-sink.js';

const LF = 0x0a;
/** A line of uuencode holds at most 61 characters and its line end; longer ones are no data. */
const LINE_BYTES_MAX = 128;

/**
 * uuencode (the `x-uuencode` of old mail), streaming: the lines between `begin` and `end`. Where `isText`, also those
 * outside, as they stand: that is how programs show them that find nothing to decode.
 */
export class UuDecoder implements TransferDecoder {
  #line: number[] = [];
  #isInside = false;
  /** The beginning of the line has been given on. */
  #isRest = false;

  constructor(
    private readonly sink: ByteSink,
    private readonly isText: boolean,
  ) {}

  push(bytes: Uint8Array): void {
    const decoded: number[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === LF) this.#endLine(decoded);
      else if (this.#line.length < LINE_BYTES_MAX) this.#line.push(byte);
      else if (this.isText && !this.#isInside) {
        decoded.push(...this.#line);
        this.#line = [byte];
        this.#isRest = true;
      }
    }
    this.#give(decoded);
  }

  end(): void {
    const decoded: number[] = [];
    if (this.#line.length > 0) this.#endLine(decoded);
    this.#give(decoded);
    this.sink.end();
  }

  #endLine(decoded: number[]): void {
    const line = this.#line;
    this.#line = [];
    if (line.at(-1) === 0x0d) line.pop();
    if (!this.#isInside) {
      this.#isInside = !this.#isRest && startsWith(line, 'begin ');
      this.#isRest = false;
      if (this.isText && !this.#isInside) decoded.push(...line, LF);
      return;
    }
    if (startsWith(line, 'end')) {
      this.#isInside = false;
      return;
    }
    const size = sixBits(line[0]);
    for (let count = 0; count < size; count += 3) {
      const at = 1 + (count / 3) * 4;
      const [a, b, c, d] = [sixBits(line[at]), sixBits(line[at + 1]), sixBits(line[at + 2]), sixBits(line[at + 3])];
      const group = [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d];
      decoded.push(...group.slice(0, Math.min(3, size - count)));
    }
  }

  #give(decoded: readonly number[]): void {
    if (decoded.length === 0) return;
    if (this.sink.isHungry) this.sink.push(Uint8Array.from(decoded));
    else this.sink.skip(decoded.length);
  }
}

function sixBits(byte: number | undefined): number {
  return byte === undefined ? 0 : (byte - 0x20) & 63;
}

function startsWith(line: readonly number[], text: string): boolean {
  return String.fromCharCode(...line.slice(0, text.length)) === text;
}
