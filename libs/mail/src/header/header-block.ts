import { defaultMailLimits } from '../parsed-mail.js';
import { decodedValue, unfoldedValue } from './decode-value.js';
import { formatField } from './format-field.js';
import { cutFields, type HeaderField } from './raw-fields.js';

const CRLF = Buffer.from('\r\n');
const LF = 0x0a;

/**
 * The header of a message or part: immutable, and every field that is not edited keeps its exact bytes. Cut from any
 * bytes and written again it is the same bytes. Names compare case-insensitively.
 */
export class HeaderBlock {
  constructor(
    readonly fields: readonly HeaderField[],
    /** The empty line that ends the header, as written; no bytes where a message had none (then all of it is header). */
    readonly end: Uint8Array = CRLF,
  ) {}

  /** Cuts a header, with the empty line that ends it if there is one. Throws `ERR_MAIL_TOO_MANY_FIELDS`. */
  static parse(bytes: Uint8Array, fieldsMax: number = defaultMailLimits.headerFieldsMax): HeaderBlock {
    const { fields, end } = cutFields(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), fieldsMax);
    return new HeaderBlock(fields, end);
  }

  has(name: string): boolean {
    return this.#named(name).length > 0;
  }

  /** Every value of the name, top first: unfolded, RFC 2047 and 2231 decoded. */
  get(name: string): string[] {
    return this.#named(name).map(decodedValue);
  }

  /** Every value of the name, top first: unfolded, but not decoded. */
  getRaw(name: string): string[] {
    return this.#named(name).map(unfoldedValue);
  }

  without(...names: readonly string[]): HeaderBlock {
    const gone = new Set(names.map((name) => name.toLowerCase()));
    const left = this.fields.filter((field) => field.name === '' || !gone.has(field.name.toLowerCase()));
    return left.length === this.fields.length ? this : new HeaderBlock(left, this.end);
  }

  /** Lines on top of all others, in this order; values are encoded and folded, and can never add a line. */
  prepend(lines: readonly { readonly name: string; readonly value: string }[]): HeaderBlock {
    const added = lines.map(({ name, value }) => ({ name, raw: formatField(name, value) }));
    return new HeaderBlock([...added, ...this.fields], this.end);
  }

  /** Puts one field in the place of all of its name: where the first one stood, or at the end. */
  replace(field: HeaderField): HeaderBlock {
    const name = field.name.toLowerCase();
    const fields: HeaderField[] = [];
    let isPlaced = false;
    for (const old of this.fields) {
      if (old.name.toLowerCase() !== name) fields.push(old);
      else if (!isPlaced) {
        isPlaced = true;
        fields.push(field);
      }
    }
    if (!isPlaced) fields.push(field);
    return new HeaderBlock(fields, this.end);
  }

  /** The bytes of all fields and of the empty line. A field without line end gets one if something follows it. */
  toBytes(): Buffer {
    const pieces: Uint8Array[] = [];
    this.fields.forEach(({ raw }, index) => {
      pieces.push(raw);
      const isLast = index === this.fields.length - 1 && this.end.length === 0;
      if (!isLast && raw[raw.length - 1] !== LF) pieces.push(CRLF);
    });
    pieces.push(this.end);
    return Buffer.concat(pieces);
  }

  #named(name: string): HeaderField[] {
    const lower = name.toLowerCase();
    return this.fields.filter((field) => field.name.length === lower.length && field.name.toLowerCase() === lower);
  }
}
