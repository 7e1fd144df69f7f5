const NUL = 0x00;
const CR = 0x0d;
const LF = 0x0a;
/** What stands behind a NUL in the escaped stream. */
const ESCAPED_NUL = 0x01;
const BARE_LF = 0x02;
const BARE_CR = 0x03;

/**
 * Stands in front of smtp-server, which takes a bare LF for the end of a command and keeps one in a message: here each
 * bare LF and bare CR becomes a NUL and a letter that says which, and a NUL that was there a NUL and another. Behind it
 * only CRLF ends a line and only CRLF.CRLF a message, wherever the stream is cut; whoever reads a command or a message
 * sees what there was (`hasBareEnd`, `unescapeBareEnds`) and refuses it.
 */
export class BareEndEscape {
  #isAfterCr = false;

  /** The escaped bytes of the next chunk. A CR at its end waits for what follows. */
  push(chunk: Uint8Array): Buffer {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const extra = this.#countEscapes(bytes);
    const heldBefore = this.#isAfterCr ? 1 : 0;
    const isHeld = bytes.length === 0 ? this.#isAfterCr : bytes[bytes.length - 1] === CR;
    if (extra === 0 && heldBefore === 0) {
      this.#isAfterCr = isHeld;
      return isHeld ? bytes.subarray(0, -1) : bytes;
    }
    const target = Buffer.allocUnsafe(bytes.length + heldBefore + extra);
    const length = this.#write(bytes, target);
    this.#isAfterCr = isHeld;
    return target.subarray(0, length);
  }

  /** How many bytes of the chunk, and of the CR before it, grow by one. */
  #countEscapes(bytes: Buffer): number {
    let count = 0;
    let isAfterCr = this.#isAfterCr;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === NUL) count += 1;
      if (isAfterCr !== (byte === LF)) count += 1;
      isAfterCr = byte === CR;
    }
    return count;
  }

  #write(bytes: Buffer, target: Buffer): number {
    let length = 0;
    let isAfterCr = this.#isAfterCr;
    const put = (byte: number): void => {
      target[length] = byte;
      length += 1;
    };
    const putEscaped = (letter: number): void => {
      put(NUL);
      put(letter);
    };
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? NUL;
      if (isAfterCr && byte === LF) {
        put(CR);
        put(LF);
      } else {
        if (isAfterCr) putEscaped(BARE_CR);
        if (byte === LF) putEscaped(BARE_LF);
        else if (byte === NUL) putEscaped(ESCAPED_NUL);
        else if (byte !== CR) put(byte);
      }
      isAfterCr = byte === CR;
    }
    return length;
  }
}

/** What an escaped command line holds that no command may: a bare line end, or else a NUL. */
export function forbiddenIn(line: Uint8Array): 'bareEnd' | 'nul' | undefined {
  for (let at = line.indexOf(NUL); at >= 0; at = line.indexOf(NUL, at + 1)) {
    if (line[at + 1] !== ESCAPED_NUL) return 'bareEnd';
  }
  return line.includes(NUL) ? 'nul' : undefined;
}

/** Undoes the escape of a message, streaming. `onBareEnd` makes the error for the first bare CR or LF. */
export async function* unescapeBareEnds(
  source: AsyncIterable<Uint8Array>,
  onBareEnd: () => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isAfterNul = false;
  for await (const chunk of source) {
    if (!isAfterNul && !chunk.includes(NUL)) {
      yield chunk;
      continue;
    }
    const target = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (isAfterNul && byte !== ESCAPED_NUL) throw onBareEnd();
      if (!isAfterNul) {
        target[length] = byte;
        length += 1;
      }
      isAfterNul = !isAfterNul && byte === NUL;
    }
    if (length > 0) yield target.subarray(0, length);
  }
}
