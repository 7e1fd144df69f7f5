const ALPHABET = /^[A-Za-z0-9+/]*$/;
const BLANKS = /[\t\n\r ]+/g;

/** Base64 (RFC 4648 section 4) in pieces; white space counts for nothing, padding may be left out, all else is an error. */
export class Base64Stream {
  #rest = '';
  #padding = '';
  #isValid = true;

  /** The bytes that are whole by now. */
  push(piece: string): Buffer {
    const text = piece.replace(BLANKS, '');
    const end = text.indexOf('=');
    const digits = end < 0 ? text : text.slice(0, end);
    if (end >= 0) this.#padding += text.slice(end);
    if (!ALPHABET.test(digits) || (digits !== '' && this.#padding !== '' && end < 0)) this.#isValid = false;
    if (!this.#isValid || this.#padding.length > 2) {
      this.#isValid = false;
      return Buffer.alloc(0);
    }
    const all = this.#rest + digits;
    const whole = all.length - (all.length % 4);
    this.#rest = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }

  /** The last bytes; `undefined` if it was no base64. */
  end(): Buffer | undefined {
    const { length } = this.#rest;
    const isPadded = this.#padding === '' || (/^=+$/.test(this.#padding) && (length + this.#padding.length) % 4 === 0);
    if (!this.#isValid || length === 1 || !isPadded) return undefined;
    return Buffer.from(this.#rest, 'base64');
  }
}
