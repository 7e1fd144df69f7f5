const LINE_BYTES = 57;
const LINE_CHARACTERS = 76;
const LINE_END_BYTES = 2;
const CR = 0x0d;
const LF = 0x0a;

/** How long `sizeBytes` become as base64 in lines of 76 characters, each with its CRLF. */
export function base64LinesSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 3) * 4 + Math.ceil(sizeBytes / LINE_BYTES) * LINE_END_BYTES;
}

/** Base64 for mail (RFC 2045 section 6.8): lines of 76 characters, CRLF after each, the last one included. */
export class Base64Lines {
  /** Bytes that do not fill a line yet. */
  readonly #rest = Buffer.allocUnsafe(LINE_BYTES);
  #restBytes = 0;

  /** The lines that these bytes fill. */
  push(piece: Uint8Array): Buffer {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (this.#restBytes + bytes.length < LINE_BYTES) {
      bytes.copy(this.#rest, this.#restBytes);
      this.#restBytes += bytes.length;
      return Buffer.alloc(0);
    }
    const taken = this.#restBytes === 0 ? 0 : LINE_BYTES - this.#restBytes;
    if (taken > 0) bytes.copy(this.#rest, this.#restBytes, 0, taken);
    const firstLines = taken > 0 ? 1 : 0;
    const lines = Math.floor((bytes.length - taken) / LINE_BYTES);
    const out = Buffer.allocUnsafe((firstLines + lines) * (LINE_CHARACTERS + LINE_END_BYTES));
    if (firstLines > 0) writeLines(this.#rest, 0, 1, out, 0);
    const end = taken + lines * LINE_BYTES;
    writeLines(bytes, taken, lines, out, firstLines);
    this.#restBytes = bytes.copy(this.#rest, 0, end);
    return out;
  }

  /** The last line, if bytes are left. */
  end(): Buffer {
    if (this.#restBytes === 0) return Buffer.alloc(0);
    const line = `${this.#rest.toString('base64', 0, this.#restBytes)}\r\n`;
    this.#restBytes = 0;
    return Buffer.from(line, 'latin1');
  }
}

/**
 * Writes `lines` full lines of `bytes` to `out`, beginning at its line `firstLine`. The characters are put at the end of
 * their place in one go and then moved line by line to the front, which is several times faster than many small strings.
 */
function writeLines(bytes: Buffer, start: number, lines: number, out: Buffer, firstLine: number): void {
  let to = firstLine * (LINE_CHARACTERS + LINE_END_BYTES);
  let from = to + lines * LINE_END_BYTES;
  out.write(bytes.toString('base64', start, start + lines * LINE_BYTES), from, 'latin1');
  for (let line = 0; line < lines; line++) {
    out.copyWithin(to, from, from + LINE_CHARACTERS);
    from += LINE_CHARACTERS;
    to += LINE_CHARACTERS;
    out[to++] = CR;
    out[to++] = LF;
  }
}
