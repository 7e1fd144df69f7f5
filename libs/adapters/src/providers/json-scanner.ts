/** Bytes of everything but the long text. */
const SKELETON_BYTES_MAX = 1 << 20;
const KEY_BYTES_MAX = 1024;
const KEPT_BYTES_FIRST = 1024;
const UNICODE_ESCAPE_CHARS = 6;

const [QUOTE, BACKSLASH, COLON, COMMA, SPACE] = [0x22, 0x5c, 0x3a, 0x2c, 0x20];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What a character behind a backslash stands for. */
const ESCAPES: Readonly<Record<string, number>> = {
  '"': QUOTE,
  '\\': BACKSLASH,
  '/': 0x2f,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};
const UNICODE_ESCAPE = /^\\u00[0-7][0-9A-Fa-f]$/;

/** What a scan came to: the object without its long text, which stands in it as an empty one. */
export interface Scanned {
  readonly value: Readonly<Record<string, unknown>>;
  /** The long text was there, as a text. */
  readonly hasText: boolean;
}

/**
 * Reads a JSON object of which one property is a very long text in ASCII: that streams by in pieces, of all else 1 MiB is
 * kept and parsed when it is whole. Work is linear in the bytes, however they are cut; nesting costs nothing.
 */
export class JsonScanner {
  readonly #name: string;
  readonly #skeleton = new Kept(SKELETON_BYTES_MAX);
  readonly #key = new Kept(KEY_BYTES_MAX);
  #depth = 0;
  #state: 'outside' | 'string' | 'key' | 'text' = 'outside';
  #isEscaped = false;
  #isKeyNext = false;
  #current = '';
  readonly #seen = new Set<string>();
  #escape = '';
  #hasText = false;
  #isBroken = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** The pieces of the text in this chunk, unescaped. */
  push(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length && !this.#isBroken;) {
      if (this.#state === 'outside') at = this.#readOutside(bytes, at);
      else if (this.#state === 'text') at = this.#readText(bytes, at, pieces);
      else at = this.#readShort(bytes, at);
    }
    return pieces;
  }

  /** `undefined` if it was not such an object: malformed, too large, one of its properties twice, no UTF-8, no ASCII. */
  end(): Scanned | undefined {
    if (this.#isBroken) return undefined;
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#skeleton.bytes);
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      return { value: value as Record<string, unknown>, hasText: this.#hasText };
    } catch {
      return undefined;
    }
  }

  /** Up to the text that begins next. */
  #readOutside(bytes: Uint8Array, from: number): number {
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
  #readShort(bytes: Uint8Array, from: number): number {
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

  #endKey(last: Uint8Array): void {
    this.#keepKey(last);
    const key = this.#key.bytes.toString();
    this.#key.clear();
    try {
      this.#current = JSON.parse(`"${key}"`) as string;
    } catch {
      this.#isBroken = true;
    }
    // Two readers may take different ones for true: neither is.
    if (this.#seen.has(this.#current)) this.#isBroken = true;
    this.#seen.add(this.#current);
  }

  #keepKey(bytes: Uint8Array): void {
    if (!this.#key.add(bytes)) this.#isBroken = true;
  }

  #keep(bytes: Uint8Array): void {
    if (!this.#skeleton.add(bytes)) this.#isBroken = true;
  }

  /** Byte by byte: a search for the next quote or backslash would begin again behind each escape. */
  #readText(bytes: Uint8Array, from: number, pieces: Uint8Array[]): number {
    const text = Buffer.allocUnsafe(bytes.length - from);
    let length = 0;
    let at = from;
    for (; at < bytes.length && this.#state === 'text'; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#escape !== '') {
        const unescaped = this.#unescape(byte);
        if (unescaped !== undefined) text[length++] = unescaped;
      } else if (byte === BACKSLASH) this.#escape = '\\';
      else if (byte === QUOTE) this.#state = 'outside';
      else {
        // JSON allows no control characters in a text.
        if (byte < SPACE) this.#isBroken = true;
        text[length++] = byte;
      }
    }
    if (this.#state === 'outside') this.#keep(bytes.subarray(at - 1, at));
    if (length > 0) pieces.push(text.subarray(0, length));
    return at;
  }

  /** The character, once its escape is whole. */
  #unescape(byte: number): number | undefined {
    this.#escape += String.fromCharCode(byte);
    const isUnicode = this.#escape[1] === 'u';
    if (isUnicode && this.#escape.length < UNICODE_ESCAPE_CHARS) return undefined;
    const code = isUnicode
      ? UNICODE_ESCAPE.test(this.#escape)
        ? Number.parseInt(this.#escape.slice(2), 16)
        : undefined
      : ESCAPES[this.#escape.slice(1)];
    if (code === undefined) this.#isBroken = true;
    this.#escape = '';
    return code;
  }
}

/** Bytes that are kept, up to a number of them. */
class Kept {
  #bytes = Buffer.alloc(KEPT_BYTES_FIRST);
  #length = 0;

  constructor(private readonly bytesMax: number) {}

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** `false` if they are too many. */
  add(bytes: Uint8Array): boolean {
    const length = this.#length + bytes.length;
    if (length > this.bytesMax) return false;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.min(this.bytesMax, Math.max(length, 2 * this.#bytes.length)));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
    return true;
  }

  clear(): void {
    this.#length = 0;
  }
}
