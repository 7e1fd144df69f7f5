import type { TransferDecoder } from './byte-sink.js';

/** An open multipart. */
export interface Frame {
  /** In latin1, without the two dashes. */
  readonly boundary: string;
  readonly depth: number;
  readonly isDigest: boolean;
  /** Takes what stands before the first boundary. */
  readonly preamble: TransferDecoder & { discard(): void };
}

/** A boundary that was found. */
export interface BoundaryMatch {
  readonly frame: Frame;
  readonly index: number;
  /** The close delimiter, behind which no part follows. */
  readonly isClose: boolean;
}

const DASH = 0x2d;
/** The close delimiter's dashes, and a little white space that transport may have put behind a boundary. */
const LINE_MORE_BYTES = 16_384;

/** The multiparts that enclose the place of reading, and whether a line is a boundary of one of them. */
export class BoundaryStack {
  readonly #frames: Frame[] = [];
  /** Longest line that may be a boundary. */
  lineBytesMax = 0;
  #lengthMin = Number.POSITIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  get size(): number {
    return this.#frames.length;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#measure();
  }

  /** Ends all multiparts within the one at `index`; it stays open itself, for a boundary may follow its close delimiter. */
  popTo(index: number): void {
    this.#frames.length = index + 1;
    this.#measure();
  }

  /**
   * The innermost multipart whose boundary the line from `start` (at its dashes) to `end` (its LF) is; `undefined` if it
   * is none. White space behind the boundary does not count (RFC 2046 section 5.1.1), anything else makes it another.
   */
  match(bytes: Buffer, start: number, end: number): BoundaryMatch | undefined {
    if (end - start > this.lineBytesMax) return undefined;
    let last = end;
    while (last > start + 2 && isWhite(bytes[last - 1])) last -= 1;
    const length = last - start - 2;
    if (length < this.#lengthMin) return undefined;
    for (let index = this.#frames.length - 1; index >= 0; index -= 1) {
      const frame = this.#frames[index];
      if (frame === undefined) break;
      const more = length - frame.boundary.length;
      const isClose = more === 2 && bytes[last - 1] === DASH && bytes[last - 2] === DASH;
      if ((more === 0 || isClose) && startsWith(bytes, start + 2, frame.boundary)) return { frame, index, isClose };
    }
    return undefined;
  }

  #measure(): void {
    this.lineBytesMax = 0;
    this.#lengthMin = Number.POSITIVE_INFINITY;
    for (const frame of this.#frames) {
      this.#lengthMin = Math.min(this.#lengthMin, frame.boundary.length);
      this.lineBytesMax = Math.max(this.lineBytesMax, frame.boundary.length + LINE_MORE_BYTES);
    }
  }
}

function isWhite(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function startsWith(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
