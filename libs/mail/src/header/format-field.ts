import { MailError } from '../errors.js';

const LINE_CHARS_MAX = 76;
/** RFC 5322 section 2.1.1 allows 998 octets in a line; a longer word cannot be folded and is encoded instead. */
const WORD_CHARS_MAX = 900;
/** An encoded word may have 75 characters, and a line with one 76 (RFC 2047 section 2); the name of the field stands there too. */
const ENCODED_BYTES_MAX = 39;

/**
 * One header field with its line end, US-ASCII: other characters as RFC 2047 encoded words, long lines folded so that
 * unfolding gives the value again. Control characters in the value become spaces, so a value can never add a line.
 * Throws `ERR_FIELD_NAME_INVALID`.
 */
export function formatField(name: string, value: string): Buffer {
  return Buffer.from(`${fold(`${checkedName(name)}: ${encodeText(cleanText(value))}`)}\r\n`);
}

/** As {@link formatField} for a value that is formatted already (addresses): only folded, UTF-8 left as it is (RFC 6532). */
export function formatRawField(name: string, value: string): Buffer {
  return Buffer.from(`${fold(`${checkedName(name)}: ${cleanText(value)}`)}\r\n`);
}

function checkedName(name: string): string {
  if (name.length > 76 || !/^[\x21-\x39\x3b-\x7e]+$/.test(name)) throw new MailError('ERR_FIELD_NAME_INVALID');
  return name;
}

/** Text for a header: well-formed, without control characters, without white space at its ends. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim();
}

/** RFC 2047: from the first word that needs it to the last one, encoded; the rest as it is. */
function encodeText(text: string): string {
  const words = [...text.matchAll(/[^ ]+/g)].filter((word) => needsEncoding(word[0]));
  const first = words[0];
  const last = words.at(-1);
  if (first === undefined || last === undefined) return text;
  const end = last.index + last[0].length;
  return `${text.slice(0, first.index)}${encodeWords(text.slice(first.index, end))}${text.slice(end)}`;
}

function needsEncoding(word: string): boolean {
  return word.length > WORD_CHARS_MAX || !/^[\x21-\x7e]+$/.test(word) || word.includes('=?') || word.includes('?=');
}

/** Text as encoded words with one space between them. */
export function encodeWords(text: string): string {
  const words: string[] = [];
  let piece: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (piece.length > 0) words.push(`=?utf-8?B?${Buffer.from(piece.join('')).toString('base64')}?=`);
    piece = [];
    size = 0;
  };
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > ENCODED_BYTES_MAX) flush();
    piece.push(character);
    size += bytes;
  }
  flush();
  return words.join(' ');
}

/** Breaks before a space that has something other than white space behind it; linear in time. */
function fold(line: string): string {
  if (line.length <= LINE_CHARS_MAX) return line;
  let folded = '';
  let start = 0;
  let candidate = -1;
  const firstBreak = line.indexOf(':') + 2;
  for (let at = firstBreak; at < line.length; at += 1) {
    if (line[at] !== ' ' || line[at + 1] === ' ' || line[at + 1] === undefined) continue;
    if (candidate > start && at - start > LINE_CHARS_MAX) {
      folded += `${line.slice(start, candidate)}\r\n`;
      start = candidate;
    }
    candidate = at;
  }
  if (candidate > start && line.length - start > LINE_CHARS_MAX) {
    folded += `${line.slice(start, candidate)}\r\n`;
    start = candidate;
  }
  return folded + line.slice(start);
}
