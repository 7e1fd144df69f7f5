import { hexDigit } from '../header/hex-digit.js';
import type { ByteSink, TransferDecoder } from './byte-sink.js';

const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;

type State = 'text' | 'equals' | 'hex' | 'softBreak';

/**
 * Quoted-printable (RFC 2045 section 6.7), streaming. An `=` that begins neither a code nor a soft line break stands for
 * itself, as robust readers do.
 */
export class QuotedPrintableDecoder implements TransferDecoder {
  #state: State = 'text';
  #high = 0;

  constructor(private readonly sink: ByteSink) {}

  push(bytes: Uint8Array): void {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#state === 'text' && !source.includes(EQUALS)) {
      this.#give(source);
      return;
    }
    // At most two bytes are kept back from the chunk before.
    const target = Buffer.allocUnsafe(source.length + 2);
    let length = 0;
    let state = this.#state;
    for (let at = 0; at < source.length; at += 1) {
      const byte = source[at] ?? 0;
      if (state === 'text') {
        if (byte === EQUALS) state = 'equals';
        else target[length++] = byte;
      } else if (state === 'equals') {
        if (hexDigit(byte) >= 0) {
          this.#high = byte;
          state = 'hex';
        } else if (byte === LF) state = 'text';
        else if (byte === CR || byte === 0x20 || byte === 0x09) state = 'softBreak';
        else {
          target[length++] = EQUALS;
          state = byte === EQUALS ? 'equals' : 'text';
          if (byte !== EQUALS) target[length++] = byte;
        }
      } else if (state === 'hex') {
        const low = hexDigit(byte);
        state = 'text';
        if (low >= 0) target[length++] = hexDigit(this.#high) * 16 + low;
        else {
          target[length++] = EQUALS;
          target[length++] = this.#high;
          if (byte === EQUALS) state = 'equals';
          else target[length++] = byte;
        }
      } else if (byte === LF) state = 'text';
      else if (byte !== CR && byte !== 0x20 && byte !== 0x09) {
        // White space behind an `=` and then more of the line: the break was none.
        target[length++] = EQUALS;
        if (byte === EQUALS) state = 'equals';
        else {
          target[length++] = byte;
          state = 'text';
        }
      }
    }
    this.#state = state;
    this.#give(target.subarray(0, length));
  }

  end(): void {
    if (this.#state === 'hex') this.#give(Buffer.from([EQUALS, this.#high]));
    this.#state = 'text';
    this.sink.end();
  }

  #give(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.sink.isHungry) this.sink.push(bytes);
    else this.sink.skip(bytes.length);
  }
}
