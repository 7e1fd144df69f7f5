import type { HeaderField } from './raw-fields.js';

/** What programs write between the messages of an mbox file: `From ann@x.example Tue Nov 24 11:00:00 2026`. */
const MBOX_LINE =
  /^>?From \S{1,320}(?:\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d(?::\d\d)?(?: [A-Z]{1,5}| [+-]\d{4})? \d{4}(?: [+-]\d{4})?)?\s*$/;
const MBOX_BYTES_MAX = 500;

/** Whether the first line of a header is one that separates messages in a mailbox file, and says nothing. */
export function isMboxLine({ name, raw }: HeaderField): boolean {
  if (name !== '' || raw.length > MBOX_BYTES_MAX) return false;
  return MBOX_LINE.test(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1'));
}

/**
 * Lines of a header that are no fields, without a mailbox separator at its top. Some readers show them, since for them
 * the body begins there: they are text, wherever they stand.
 */
export function strayLines(fields: readonly HeaderField[]): readonly HeaderField[] {
  return fields.filter((field, index) => field.name === '' && !(index === 0 && isMboxLine(field)));
}
