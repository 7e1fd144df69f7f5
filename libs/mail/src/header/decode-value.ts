import { isAscii, isUtf8 } from 'node:buffer';
import { decodeCharset } from '../mime/charset.js';
import { decodeText, hasUnreadableWord } from './encoded-words.js';
import { parseParameters } from './parameters.js';
import { rawValue, type HeaderField } from './raw-fields.js';

/** The unfolded value as characters: UTF-8 (RFC 6532) where it is that, else windows-1252. NUL is dropped. */
export function unfoldedValue(field: HeaderField): string {
  const bytes = rawValue(field);
  const text = isAscii(bytes)
    ? bytes.toString('latin1')
    : decodeCharset(isUtf8(bytes) ? 'utf-8' : 'windows-1252', bytes);
  return clean(text).trim();
}

function clean(text: string): string {
  let value = text;
  // Folding white space (RFC 5322 section 2.2.3): the line end goes, the white space behind it stays.
  if (value.includes('\n')) value = value.replace(/\r?\n/g, '');
  if (value.includes('\0')) value = value.replaceAll('\0', '');
  return value;
}

/** Whether {@link decodedValue} had to guess: something in it is in a charset that cannot be told. */
export function isUnreadable(field: HeaderField): boolean {
  const value = unfoldedValue(field);
  if (hasUnreadableWord(value)) return true;
  return value.includes('*') && PARAMETERIZED.test(field.name) && parseParameters(value).unreadable.size > 0;
}

const PARAMETERIZED = /^content-(?:type|disposition)$/i;

/** The value as people read it: unfolded, RFC 2047 decoded, RFC 2231 parameters of `Content-*` fields put plainly. */
export function decodedValue(field: HeaderField): string {
  const value = unfoldedValue(field);
  if (value.includes('*') && PARAMETERIZED.test(field.name)) {
    const { value: first, parameters } = parseParameters(value);
    return [first, ...[...parameters].map(([name, text]) => `${name}="${text}"`)].join('; ');
  }
  return decodeText(value);
}
