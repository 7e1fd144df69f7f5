import { BerReader } from './ber-reader.js';
import type { ByteSink } from './byte-sink.js';
import { ENVELOPED_DATA, SIGNED_DATA } from './cms-types.js';

const OID_BYTES_MAX = 64;
const OCTETS = 0x04;
const CONSTRUCTED_OCTETS = 0x24;
/** ContentInfo, its content, SignedData, EncapsulatedContentInfo, eContent (RFC 5652 sections 3 and 5). */
const TO_CONTENT = [0x30, 0xa0, 0x30, 0x30, 0xa0];

/**
 * Takes the entity out of an opaque S/MIME signature (RFC 8551 section 3.5.2) and gives it on, streaming; the signature is
 * not checked. Ciphertext is left alone.
 */
export class SignedContent implements ByteSink {
  readonly #reader = new BerReader((tags, bytes) => {
    if (tags.length === 2 && tags[0] === 0x30 && tags[1] === 0x06) this.#readType(bytes);
    else if (this.#oid === SIGNED_DATA && isContent(tags)) this.#pieces.push(bytes);
  });
  #oid = '';
  #inner: ByteSink | undefined;
  /** Content of the bytes that were pushed last: it goes on together, since it may be cut into single bytes. */
  #pieces: Buffer[] = [];

  /**
   * `open` is asked for who reads the entity, when there is one. `unreadable` is told where it could not be taken out
   * whole; where the message does not say that it is S/MIME (`isDeclared`), only of what begins as such.
   */
  constructor(
    private readonly isDeclared: boolean,
    private readonly open: () => ByteSink,
    private readonly unreadable: () => void,
  ) {}

  get isHungry(): boolean {
    return this.#reader.state === 'reading' && !ENVELOPED_DATA.includes(this.#oid);
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (this.#pieces.length === 0) return;
    const content = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    this.#give(content ?? Buffer.concat(this.#pieces));
    this.#pieces = [];
  }

  skip(): void {
    // What is not wanted any more.
  }

  end(): void {
    this.#inner?.end();
    if (ENVELOPED_DATA.includes(this.#oid)) return;
    const isRead = this.#oid === SIGNED_DATA && this.#reader.state === 'whole';
    const isSuch = this.isDeclared || this.#oid.startsWith('2a864886f70d01');
    if (!isRead && isSuch) this.unreadable();
  }

  #readType(bytes: Buffer): void {
    if (this.#oid.length < 2 * OID_BYTES_MAX) this.#oid += bytes.toString('hex');
  }

  #give(bytes: Buffer): void {
    this.#inner ??= this.open();
    if (this.#inner.isHungry) this.#inner.push(bytes);
    else this.#inner.skip(bytes.length);
  }
}

function isContent(tags: readonly number[]): boolean {
  const { length } = TO_CONTENT;
  return (
    tags.length > length &&
    TO_CONTENT.every((tag, index) => tags[index] === tag) &&
    tags.slice(length, -1).every((tag) => tag === CONSTRUCTED_OCTETS) &&
    tags.at(-1) === OCTETS
  );
}
