import { BerReader } from './ber-reader.js';
import type { ByteSink } from './byte-sink.js';
import { ENVELOPED_DATA, SIGNED_DATA } from './cms-types.js';

const OID_BYTES_MAX = 64;
/** So much of the content is looked at to tell an entity from a file. */
const HEAD_BYTES = 4_096;
/** A header begins so; and behind lines that are no fields a reader may still find one. */
const HEADER_START = /^(?:[a-z][a-z0-9-]*[ \t]*:|from |\r?\n)/i;
const LATER_FIELD = /\n(?:content-[a-z-]+|mime-version)[ \t]*:/i;
const OCTETS = 0x04;
const CONSTRUCTED_OCTETS = 0x24;
/** ContentInfo, its content, SignedData, EncapsulatedContentInfo, eContent (RFC 5652 sections 3 and 5). */
const TO_CONTENT = [0x30, 0xa0, 0x30, 0x30, 0xa0];

/** Who is told what a signature holds. */
export interface SignedReceiver {
  /** An entity: who reads it. */
  entity(): ByteSink;
  /** A file (CAdES: a contract, an invoice), which does not begin like a header: its first bytes. */
  file(head: Buffer): void;
  /** It could not be taken out whole; of a part that does not say that it is S/MIME, only where it begins as such. */
  unreadable(): void;
}

/**
 * Takes the content out of an opaque S/MIME signature (RFC 8551 section 3.5.2) and gives an entity on, streaming; the
 * signature is not checked. Ciphertext is left alone.
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
  /** The first bytes of the content, until it is known what it is. */
  #head: Buffer | undefined;
  #isFile = false;

  constructor(
    private readonly isDeclared: boolean,
    private readonly receiver: SignedReceiver,
  ) {}

  get isHungry(): boolean {
    return !this.#isFile && this.#reader.state === 'reading' && !ENVELOPED_DATA.includes(this.#oid);
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
    if (this.#head !== undefined) this.#decide(this.#head);
    if (this.#isFile) return;
    this.#inner?.end();
    if (ENVELOPED_DATA.includes(this.#oid)) return;
    const isRead = this.#oid === SIGNED_DATA && this.#reader.state === 'whole';
    const isSuch = this.isDeclared || this.#oid.startsWith('2a864886f70d01');
    if (!isRead && isSuch) this.receiver.unreadable();
  }

  #readType(bytes: Buffer): void {
    if (this.#oid.length < 2 * OID_BYTES_MAX) this.#oid += bytes.toString('hex');
  }

  #give(bytes: Buffer): void {
    if (this.#isFile) return;
    if (this.#inner === undefined) {
      this.#head = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
      if (this.#head.length >= HEAD_BYTES) this.#decide(this.#head);
    } else if (this.#inner.isHungry) this.#inner.push(bytes);
    else this.#inner.skip(bytes.length);
  }

  #decide(head: Buffer): void {
    this.#head = undefined;
    const start = head.subarray(0, HEAD_BYTES);
    const text = start.toString('latin1');
    if (HEADER_START.test(text) || LATER_FIELD.test(text)) {
      this.#inner = this.receiver.entity();
      this.#inner.push(head);
    } else {
      this.#isFile = true;
      this.receiver.file(start);
    }
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
