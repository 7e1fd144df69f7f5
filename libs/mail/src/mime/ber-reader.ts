/** Content of a primitive element, in pieces; `tags` are the identifier octets of the elements around it and its own. */
export type BerContent = (tags: readonly number[], bytes: Buffer) => void;

interface Frame {
  /** Position behind the element; `undefined` where end-of-contents octets end it. */
  readonly end: number | undefined;
}

const DEPTH_MAX = 24;
/** Identifier, length octet, four octets of length. */
const HEADER_BYTES_MAX = 6;

/**
 * Reads one element of BER (ITU-T X.690, indefinite lengths included), streaming; nothing is held but a header that has
 * begun. What stands behind the element is passed over. Never throws.
 */
export class BerReader {
  readonly #tags: number[] = [];
  readonly #frames: Frame[] = [];
  #header: number[] = [];
  #at = 0;
  #state: 'reading' | 'whole' | 'broken' = 'reading';

  constructor(private readonly content: BerContent) {}

  /** `broken`: it is no BER, or none that is read here; `reading`: more belongs to it. */
  get state(): 'reading' | 'whole' | 'broken' {
    return this.#state;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state === 'reading') {
      const isPrimitive = this.#tags.length > 0 && ((this.#tags.at(-1) ?? 0) & 0x20) === 0;
      const end = this.#frames.at(-1)?.end;
      if (isPrimitive && end !== undefined) {
        const piece = bytes.subarray(at, at + end - this.#at);
        at += piece.length;
        this.#at += piece.length;
        this.content(this.#tags, piece);
        this.#close();
      } else {
        this.#header.push(bytes[at] ?? 0);
        at += 1;
        this.#at += 1;
        this.#readHeader();
      }
    }
  }

  #readHeader(): void {
    const [tag = 0, length] = this.#header;
    if ((tag & 0x1f) === 0x1f) this.#state = 'broken';
    if (length === undefined) return;
    const more = length > 0x80 ? length & 0x7f : 0;
    if (more > HEADER_BYTES_MAX - 2) this.#state = 'broken';
    if (this.#state === 'broken' || this.#header.length < 2 + more) return;
    const size = more === 0 ? length : this.#header.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
    this.#header = [];
    if (tag === 0 && length === 0) this.#endOfContents();
    else this.#open(tag, length === 0x80 ? undefined : this.#at + size);
  }

  #open(tag: number, end: number | undefined): void {
    const around = this.#frames.findLast((frame) => frame.end !== undefined)?.end ?? Number.POSITIVE_INFINITY;
    const isPrimitive = (tag & 0x20) === 0;
    if (this.#tags.length >= DEPTH_MAX || (end === undefined ? isPrimitive : end > around)) {
      this.#state = 'broken';
      return;
    }
    this.#tags.push(tag);
    this.#frames.push({ end });
    this.#close();
  }

  #endOfContents(): void {
    if (this.#frames.length === 0 || this.#frames.at(-1)?.end !== undefined) {
      this.#state = 'broken';
      return;
    }
    this.#pop();
    this.#close();
  }

  /** Ends every element that has all its octets. */
  #close(): void {
    while (this.#frames.length > 0 && this.#frames.at(-1)?.end === this.#at) this.#pop();
    if (this.#frames.length === 0) this.#state = 'whole';
  }

  #pop(): void {
    this.#tags.pop();
    this.#frames.pop();
  }
}
