const NOT_BASE64 = /[^A-Za-z0-9+/=]+/g;

/** Decodes base64 of mail (RFC 2045 section 6.8) piece by piece: other characters are passed over, `=` ends it. */
export class Base64Decoder {
  #rest = '';
  #isEnded = false;

  push(piece: Uint8Array): Buffer {
    if (this.#isEnded) return Buffer.alloc(0);
    let text =
      this.#rest + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1').replace(NOT_BASE64, '');
    const padding = text.indexOf('=');
    if (padding >= 0) {
      this.#isEnded = true;
      text = text.slice(0, padding);
      this.#rest = '';
      return Buffer.from(text, 'base64');
    }
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    return Buffer.from(text.slice(0, whole), 'base64');
  }

  /** What is left when the padding was left out. */
  end(): Buffer {
    const rest = Buffer.from(this.#rest, 'base64');
    this.#rest = '';
    return rest;
  }
}
