/** Bytes of everything but the long text. */
const SKELETON_BYTES_MAX = 1 << 20;
const KEY_BYTES_MAX = 1024;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What a scan came to: the object without its long text, which stands in it as an empty one. */
export interface Scanned {
  readonly value: Readonly<Record<string, unknown>>;
  /** The long text was there, as a text. */
  readonly hasText: boolean;
}

/**
 * Reads a JSON object of which one property is a very long text: that streams by in pieces, of all else 1 MiB is kept and
 * parsed when it is whole. Work is linear in the bytes, nesting costs nothing.
 */
export class JsonScanner {
  readonly #name: string;
  #skeleton: Buffer[] = [];
  #skeletonBytes = 0;
  #depth = 0;
  #state: 'outside' | 'string' | 'key' | 'text' = 'outside';
  #isEscaped = false;
  #isKeyNext = false;
  #key: Buffer[] = [];
  #current = '';
  readonly #seen = new Set<string>();
  #escape = '';
  #hasText = false;
  #isBroken = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** The pieces of the text in this chunk, unescaped. */
  push(chunk: Uint8Array): string[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const pieces: string[] = [];
    for (let at = 0; at < bytes.length && !this.#isBroken;) {
      if (this.#state === 'outside') at = this.#readOutside(bytes, at);
      else if (this.#state === 'text') at = this.#readText(bytes, at, pieces);
      else at = this.#readShort(bytes, at);
    }
    return pieces;
  }

  /** `undefined` if it was not such an object: malformed, too large, one of its properties twice, no UTF-8. */
  end(): Scanned | undefined {
    if (this.#isBroken) return undefined;
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(this.#skeleton));
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      return { value: value as Record<string, unknown>, hasText: this.#hasText };
    } catch {
      return undefined;
    }
  }

  /** Up to the text that begins next. */
  #readOutside(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte !== QUOTE) {
        this.#step(byte);
        continue;
      }
      this.#keep(bytes.subarray(from, at + 1));
      if (this.#depth !== 1) this.#state = 'string';
      else if (this.#isKeyNext) this.#state = 'key';
      else this.#state = this.#current === this.#name ? 'text' : 'string';
      if (this.#state === 'text') [this.#hasText, this.#current] = [true, ''];
      return at + 1;
    }
    this.#keep(bytes.subarray(from));
    return bytes.length;
  }

  /** Up to the end of a key, or of a text that is not the long one. */
  #readShort(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        if (this.#state === 'key') this.#endKey(bytes.subarray(from, at));
        this.#state = 'outside';
        this.#keep(bytes.subarray(from, at + 1));
        return at + 1;
      }
    }
    if (this.#state === 'key') this.#keepKey(bytes.subarray(from));
    this.#keep(bytes.subarray(from));
    return bytes.length;
  }

  #step(byte: number): void {
    switch (byte) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#depth += 1;
        this.#isKeyNext = this.#depth === 1 && byte === OPEN_OBJECT;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#depth -= 1;
        break;
      case COMMA:
        if (this.#depth === 1) [this.#isKeyNext, this.#current] = [true, ''];
        break;
      case COLON:
        if (this.#depth === 1) this.#isKeyNext = false;
        break;
    }
  }

  #endKey(last: Buffer): void {
    this.#keepKey(last);
    const key = Buffer.concat(this.#key).toString();
    this.#key = [];
    try {
      this.#current = JSON.parse(`"${key}"`) as string;
    } catch {
      this.#isBroken = true;
    }
    // Two readers may take different ones for true: neither is.
    if (this.#seen.has(this.#current)) this.#isBroken = true;
    this.#seen.add(this.#current);
  }

  #keepKey(bytes: Buffer): void {
    this.#key.push(bytes);
    if (this.#key.reduce((size, { length }) => size + length, 0) > KEY_BYTES_MAX) this.#isBroken = true;
  }

  #keep(bytes: Buffer): void {
    this.#skeletonBytes += bytes.length;
    if (this.#skeletonBytes > SKELETON_BYTES_MAX) this.#isBroken = true;
    else this.#skeleton.push(Buffer.from(bytes));
  }

  #readText(bytes: Buffer, from: number, pieces: string[]): number {
    if (this.#escape !== '') return this.#readEscape(bytes, from, pieces);
    const quote = bytes.indexOf(QUOTE, from);
    const backslash = bytes.subarray(0, quote < 0 ? bytes.length : quote).indexOf(BACKSLASH, from);
    const end = backslash >= 0 ? backslash : quote >= 0 ? quote : bytes.length;
    const text = bytes.toString('latin1', from, end);
    // JSON allows no control characters in a text.
    if (/[\u0000-\u001f]/.test(text)) this.#isBroken = true;
    if (text !== '') pieces.push(text);
    if (end === backslash) this.#escape = '\\';
    else if (end === quote) {
      this.#state = 'outside';
      this.#keep(bytes.subarray(end, end + 1));
    }
    return end + (end < bytes.length ? 1 : 0);
  }

  #readEscape(bytes: Buffer, at: number, pieces: string[]): number {
    this.#escape += String.fromCharCode(bytes[at] ?? 0);
    const isWhole = this.#escape.length === (this.#escape[1] === 'u' ? 6 : 2);
    if (isWhole) {
      try {
        pieces.push(JSON.parse(`"${this.#escape}"`) as string);
      } catch {
        this.#isBroken = true;
      }
      this.#escape = '';
    }
    return at + 1;
  }
}
