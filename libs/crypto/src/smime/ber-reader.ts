import type { ByteSource } from './byte-source.js';
import { CONSTRUCTED, TAG, der } from './der.js';

/** Header of an element of BER; `end` is the position after its content, `undefined` while that is open (indefinite length). */
export interface BerElement {
  readonly tag: number;
  readonly end: number | undefined;
}

/** Deeper than any CMS that means well. */
const DEPTH_MAX = 16;
const LENGTH_OCTETS_MAX = 6;

/**
 * Reads BER (X.690) element by element from a stream: definite and indefinite lengths, constructed strings. Only tags of
 * one byte, nesting of at most 16; nothing is allocated because a length says so. Throws RangeError or SourceEnded.
 */
export class BerReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The first element of the stream. */
  async root(): Promise<BerElement> {
    return this.#header(await this.#source.byte(), undefined);
  }

  /** The next element inside of `parent`, or `undefined` where it ends; the one before must have been read to its end. */
  async next(parent: BerElement): Promise<BerElement | undefined> {
    if (parent.end !== undefined) {
      if (this.#source.position === parent.end) return undefined;
      if (this.#source.position > parent.end) throw new RangeError('element is longer than its container');
      return this.#header(await this.#source.byte(), parent.end);
    }
    const tag = await this.#source.byte();
    if (tag !== 0) return this.#header(tag, undefined);
    if ((await this.#source.byte()) !== 0) throw new RangeError('an end that is none');
    return undefined;
  }

  /** The next element, which must be there and have this tag. */
  async expect(parent: BerElement, tag: number): Promise<BerElement> {
    const element = await this.next(parent);
    if (element?.tag !== tag) throw new RangeError('another element was expected');
    return element;
  }

  /** Reads `parent` to its end, which must follow now. */
  async finish(parent: BerElement): Promise<void> {
    if ((await this.next(parent)) !== undefined) throw new RangeError('more elements than there should be');
  }

  /**
   * The element as DER: definite lengths, strings in one piece. At most `bytesMax` bytes of it are read, and as many
   * elements as a quarter of that.
   */
  async whole(element: BerElement, bytesMax: number): Promise<Buffer> {
    const limit = this.#source.position + bytesMax;
    const budget = { elementsLeft: Math.ceil(bytesMax / 4) };
    return this.#gather(element, limit, DEPTH_MAX, budget);
  }

  /** The content of an OCTET STRING in the pieces it comes in, primitive or constructed, implicitly tagged or not. */
  async *octets(element: BerElement): AsyncGenerator<Uint8Array> {
    const open: BerElement[] = [];
    for (let current: BerElement | undefined = element; ;) {
      if (current !== undefined && (current.tag & CONSTRUCTED) !== 0) {
        if (open.length >= DEPTH_MAX) throw new RangeError('nested too deep');
        open.push(current);
      } else if (current !== undefined) {
        yield* this.#content(current);
      } else {
        open.pop();
      }
      const parent = open.at(-1);
      if (parent === undefined) return;
      current = await this.next(parent);
      if (current !== undefined && current.tag !== TAG.octetString && current.tag !== TAG.octetStringConstructed) {
        throw new RangeError('something else inside of a string');
      }
    }
  }

  async *#content({ end }: BerElement): AsyncGenerator<Uint8Array> {
    if (end === undefined) throw new RangeError('a primitive without length');
    while (this.#source.position < end) yield await this.#source.some(end - this.#source.position);
  }

  async #gather(
    element: BerElement,
    limit: number,
    depthLeft: number,
    budget: { elementsLeft: number },
  ): Promise<Buffer> {
    budget.elementsLeft -= 1;
    if (depthLeft === 0 || budget.elementsLeft < 0) throw new RangeError('nested too deep or too many elements');
    if ((element.end ?? 0) > limit || this.#source.position > limit) throw new RangeError('longer than allowed');
    if ((element.tag & CONSTRUCTED) === 0) {
      const content = await this.#source.exactly((element.end ?? 0) - this.#source.position);
      return der(element.tag, content);
    }
    const isString = element.tag === TAG.octetStringConstructed;
    const parts: Buffer[] = [];
    for (let child = await this.next(element); child !== undefined; child = await this.next(element)) {
      if (isString && child.tag !== TAG.octetString && child.tag !== TAG.octetStringConstructed)
        throw new RangeError('something else inside of a string');
      const part = await this.#gather(child, limit, depthLeft - 1, budget);
      parts.push(isString ? contentOf(part) : part);
    }
    return der(isString ? TAG.octetString : element.tag, ...parts);
  }

  async #header(tag: number, limit: number | undefined): Promise<BerElement> {
    if ((tag & 0x1f) === 0x1f || tag === 0) throw new RangeError('not a tag that CMS has');
    const first = await this.#source.byte();
    if (first === 0x80) {
      if ((tag & CONSTRUCTED) === 0) throw new RangeError('a primitive without length');
      return { tag, end: undefined };
    }
    let length = first;
    if (first > 0x80) {
      const count = first - 0x80;
      if (count > LENGTH_OCTETS_MAX) throw new RangeError('length is too long');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (await this.#source.byte());
    }
    const end = this.#source.position + length;
    if (limit !== undefined && end > limit) throw new RangeError('element is longer than its container');
    return { tag, end };
  }
}

/** The content of an element that {@link der} made. */
function contentOf(element: Buffer): Buffer {
  const first = element[1] ?? 0;
  return element.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}
