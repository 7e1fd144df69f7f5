const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BLANKS = '\t\n\r ';
const [DIGIT, BLANK, PADDING] = [1, 2, 3];
const PADDING_MAX = 2;

/** What each byte is; 0 for what base64 has not. */
const KINDS = new Uint8Array(256);
for (const char of ALPHABET) KINDS[char.charCodeAt(0)] = DIGIT;
for (const char of BLANKS) KINDS[char.charCodeAt(0)] = BLANK;
KINDS['='.charCodeAt(0)] = PADDING;

/** Base64 (RFC 4648 section 4) in pieces; white space counts for nothing, padding may be left out, all else is an error. */
export class Base64Stream {
  #rest = '';
  #padding = 0;
  #isValid = true;

  /** The bytes that are whole by now. */
  push(piece: Uint8Array): Buffer {
    const digits = Buffer.allocUnsafe(piece.length);
    let length = 0;
    for (const byte of piece) {
      const kind = KINDS[byte];
      if (kind === DIGIT && this.#padding === 0) digits[length++] = byte;
      else if (kind === PADDING) this.#padding += 1;
      else if (kind !== BLANK) this.#isValid = false;
    }
    if (!this.#isValid || this.#padding > PADDING_MAX) {
      this.#isValid = false;
      return Buffer.alloc(0);
    }
    const all = this.#rest + digits.toString('latin1', 0, length);
    const whole = all.length - (all.length % 4);
    this.#rest = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }

  /** The last bytes; `undefined` if it was no base64. */
  end(): Buffer | undefined {
    const { length } = this.#rest;
    const isPadded = this.#padding === 0 || (length + this.#padding) % 4 === 0;
    return this.#isValid && length !== 1 && isPadded ? Buffer.from(this.#rest, 'base64') : undefined;
  }
}
