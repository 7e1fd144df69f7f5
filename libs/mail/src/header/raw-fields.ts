import { MailError } from '../errors.js';

/** One field of a header as it was written: with its folded lines and the line end of the last one, if it has one. */
export interface HeaderField {
  /** As written; '' for a line that is no field (an mbox `From ` line, stray text above the first empty line). */
  readonly name: string;
  readonly raw: Uint8Array;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/**
 * Where the header ends in `bytes` (RFC 5322 section 2.1): behind the first empty line, whatever stands above it.
 * Lines end with LF, or CRLF. `scanFrom` is where a line begins up to which all is known; `end` is -1 while there is
 * no empty line yet, and then `scanned` is where to go on.
 */
export function findHeaderEnd(bytes: Buffer, scanFrom: number): { end: number; scanned: number } {
  let line = scanFrom;
  for (;;) {
    const lf = bytes.indexOf(LF, line);
    if (lf < 0) return { end: -1, scanned: line };
    if (lf === line || (lf === line + 1 && bytes[line] === CR)) return { end: lf + 1, scanned: line };
    line = lf + 1;
  }
}

/**
 * Cuts a header into its fields; joined again they are the same bytes. An empty line at the end is given apart.
 * Linear in time. Throws `ERR_MAIL_TOO_MANY_FIELDS`.
 */
export function cutFields(bytes: Buffer, fieldsMax: number): { fields: HeaderField[]; end: Buffer } {
  const fields: HeaderField[] = [];
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const lf = bytes.indexOf(LF, at);
    const next = lf < 0 ? bytes.length : lf + 1;
    if (lf === at || (lf === at + 1 && bytes[at] === CR)) break;
    const following = bytes[next];
    // A line that begins with white space continues the one above.
    if (following !== 0x20 && following !== 0x09) {
      if (fields.length >= fieldsMax) throw new MailError('ERR_MAIL_TOO_MANY_FIELDS', { limit: 'headerFieldsMax' });
      fields.push({ name: nameOf(bytes, start, next), raw: bytes.subarray(start, next) });
      start = next;
    }
    at = next;
  }
  return { fields, end: bytes.subarray(start) };
}

/** Field name (RFC 5322 section 3.6.8): printable US-ASCII; white space before the colon is obsolete but read. */
function nameOf(bytes: Buffer, start: number, end: number): string {
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte === COLON || byte <= 0x20 || byte > 0x7e) break;
    at += 1;
  }
  const nameEnd = at;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at += 1;
  return nameEnd > start && at < end && bytes[at] === COLON ? bytes.toString('latin1', start, nameEnd) : '';
}

/** What stands behind the colon, without the last line end; of a line that is no field, the whole line. */
export function rawValue(field: HeaderField): Buffer {
  const { raw } = field;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let end = bytes.length;
  if (bytes[end - 1] === LF) end -= bytes[end - 2] === CR ? 2 : 1;
  return bytes.subarray(field.name === '' ? 0 : bytes.indexOf(COLON) + 1, Math.max(end, 0));
}
