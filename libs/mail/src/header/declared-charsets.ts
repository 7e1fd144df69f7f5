import type { MailErrorCode } from '../errors.js';
import { unfoldedValue } from './decode-value.js';
import type { HeaderField } from './raw-fields.js';

/** RFC 2047, with the language of RFC 2231. */
const ENCODED_WORD = /=\?([^?*\s]{1,75})(?:\*[^?\s]{0,75})?\?[bq]\?/gi;
const LABEL_CHARS_MAX = 75;

/**
 * Labels of charsets that a message says, in lower case without quotes, each once: those of its text parts, and of the
 * encoded words in its header. Known ones and others. `ERR_MAIL_TOO_MANY_CHARSETS` where there are more than `countMax`.
 */
export function declaredCharsets(
  ofParts: Iterable<string>,
  fields: readonly HeaderField[],
  countMax: number,
): readonly string[] | MailErrorCode {
  const labels = new Set<string>();
  const add = (label: string): void => {
    const plain = label
      .slice(0, LABEL_CHARS_MAX)
      .toLowerCase()
      .replace(/^[\s'"`]+|[\s'"`]+$/g, '');
    if (plain !== '') labels.add(plain);
  };
  for (const label of ofParts) add(label);
  for (const field of fields) {
    if (!Buffer.from(field.raw.buffer, field.raw.byteOffset, field.raw.length).includes('=?')) continue;
    for (const [, label = ''] of unfoldedValue(field).matchAll(ENCODED_WORD)) add(label);
  }
  return labels.size > countMax ? 'ERR_MAIL_TOO_MANY_CHARSETS' : [...labels];
}
