import type { ByteSink, TransferDecoder } from './byte-sink.js';

const INVALID = 64;
const PADDING = 65;
const TABLE = new Uint8Array(256).fill(INVALID);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < 64; value += 1) TABLE[ALPHABET.charCodeAt(value)] = value;
TABLE[0x3d] = PADDING;

/**
 * Base64 (RFC 2045 section 6.8), streaming: characters outside of the alphabet are passed over, padding ends a group and
 * not the data, since some programs join encoded pieces. Counts without decoding once the sink is no longer hungry.
 */
export class Base64Decoder implements TransferDecoder {
  /** Bits of the group that is not whole yet, and how many characters are in it. */
  #bits = 0;
  #count = 0;

  constructor(private readonly sink: ByteSink) {}

  push(bytes: Uint8Array): void {
    if (this.sink.isHungry) this.#decode(bytes);
    else this.#skip(bytes);
  }

  end(): void {
    const rest = this.#rest();
    if (rest.length > 0) {
      if (this.sink.isHungry) this.sink.push(rest);
      else this.sink.skip(rest.length);
    }
    this.sink.end();
  }

  #decode(bytes: Uint8Array): void {
    const target = Buffer.allocUnsafe(Math.ceil((bytes.length * 3) / 4) + 3);
    let length = 0;
    let bits = this.#bits;
    let count = this.#count;
    for (let at = 0; at < bytes.length; at += 1) {
      const value = TABLE[bytes[at] ?? 0] ?? INVALID;
      if (value < INVALID) {
        bits = (bits << 6) | value;
        count += 1;
        if (count === 4) {
          target[length] = bits >> 16;
          target[length + 1] = bits >> 8;
          target[length + 2] = bits;
          length += 3;
          bits = 0;
          count = 0;
        }
      } else if (value === PADDING && count > 0) {
        this.#bits = bits;
        this.#count = count;
        const rest = this.#rest();
        target.set(rest, length);
        length += rest.length;
        bits = 0;
        count = 0;
      }
    }
    this.#bits = bits;
    this.#count = count;
    if (length > 0) this.sink.push(target.subarray(0, length));
  }

  #skip(bytes: Uint8Array): void {
    let size = 0;
    let count = this.#count;
    for (let at = 0; at < bytes.length; at += 1) {
      const value = TABLE[bytes[at] ?? 0] ?? INVALID;
      if (value < INVALID) count += 1;
      else if (value === PADDING) {
        size += sizeOf(count);
        count = 0;
      }
    }
    // What is left of the group stays, as a number of characters: nobody looks at its bits any more.
    size += (count >> 2) * 3;
    this.#count = count & 3;
    this.#bits = 0;
    this.sink.skip(size);
  }

  /** The bytes of a group that ends early: two characters make one byte, three make two. */
  #rest(): Uint8Array {
    const count = this.#count;
    const bits = this.#bits;
    this.#count = 0;
    this.#bits = 0;
    if (count === 2) return Uint8Array.of((bits >> 4) & 0xff);
    return count === 3 ? Uint8Array.of((bits >> 10) & 0xff, (bits >> 2) & 0xff) : new Uint8Array();
  }
}

function sizeOf(characters: number): number {
  const left = characters & 3;
  return (characters >> 2) * 3 + (left < 2 ? 0 : left - 1);
}
