import { ENCODINGS } from './charset-labels.js';

/** Labels that mail uses and the WHATWG Encoding Standard does not list, without separators and vendor prefixes. */
const ALIASES: Readonly<Record<string, string>> = {
  iso88598i: 'iso-8859-8-i',
  iso88598e: 'iso-8859-8',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  windows31j: 'shift_jis',
  mskanji: 'shift_jis',
  shiftjis: 'shift_jis',
  eucjp: 'euc-jp',
  cp51932: 'euc-jp',
  iso2022jp: 'iso-2022-jp',
  iso2022jp1: 'iso-2022-jp',
  iso2022jp2: 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  cp50222: 'iso-2022-jp',
  cp936: 'gbk',
  gb231280: 'gbk',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  euckr: 'euc-kr',
  cp950: 'big5',
  tis620: 'windows-874',
  cp874: 'windows-874',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  macroman: 'macintosh',
  big5hkscs: 'big5',
  iso885916: 'iso-8859-16',
  latin10: 'iso-8859-16',
  utf8mb3: 'utf-8',
  utf8mb4: 'utf-8',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
};
/** UTF-16 whose order of bytes only a byte order mark tells (RFC 2781 section 4.3). */
export const UTF_16 = 'utf-16';
const UTF_16_LABELS = new Set(['utf16', 'ucs2', 'iso10646ucs2', 'unicode', 'unicodefeff']);
/** Labels that say nothing: of any text, that the charset was not known to who wrote them (RFC 1428), or another thing. */
const EMPTY_LABELS = new Set(
  'usascii ascii ansix341968 unknown unknown8bit none default defaultcharset autodetect 7bit 8bit binary'.split(' '),
);
/** Encodings in which every byte of US-ASCII is that character, whatever stands before it. */
const WITH_ASCII =
  /^(?:utf-8|windows-\d+|iso-8859-\d+(?:-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic|x-user-defined)$/;
const LABEL_CHARS_MAX = 40;
/** By encoding, for texts that are there as a whole. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/**
 * The label under which `TextDecoder` knows a charset; `undefined` for what it does not know and for the labels that say
 * nothing (`us-ascii` is written on text in any charset). `utf-7` (RFC 2152) is known as well, and {@link UTF_16}.
 */
export function knownCharset(label: string | undefined): string | undefined {
  if (label === undefined || label === '' || label.length > LABEL_CHARS_MAX) return undefined;
  const lower = plainLabel(label);
  const bare = bareLabel(lower);
  if (EMPTY_LABELS.has(bare)) return undefined;
  if (UTF_16_LABELS.has(bare)) return UTF_16;
  if (bare === 'utf7' || bare === 'unicode11utf7') return 'utf-7';
  return (
    ENCODINGS.get(lower) ??
    ENCODINGS.get(ALIASES[bare] ?? bare) ??
    ENCODINGS.get(bare.replace(/^(?:cp|windows)(?=125\d$)/, 'windows-'))
  );
}

/** In lower case, without quotes around it. */
function plainLabel(label: string): string {
  return label.toLowerCase().replace(/^[\s'"`]+|[\s'"`]+$/g, '');
}

/** Whether charsets that are said of one text, `undefined` where none is, leave open what its US-ASCII means. */
export function areRivals(labels: readonly (string | undefined)[]): boolean {
  const names = labels.map((label) => (isUnknownCharset(label) ? plainLabel(label ?? '') : knownCharset(label)));
  const said = new Set(names.filter((name) => name !== undefined));
  return said.size > 1 || (said.size < new Set(names).size && [...said].some((name) => !WITH_ASCII.test(name)));
}

/** Whether a label says anything. */
export function saysCharset(label: string | undefined): boolean {
  return isUnknownCharset(label) || knownCharset(label) !== undefined;
}

/** Without language (RFC 2231), vendor prefix and separators. */
function bareLabel(lower: string): string {
  return lower
    .replace(/\*.*$/, '')
    .replace(/^(?:x-|cs(?=[a-z]))/, '')
    .replace(/[\s._-]+/g, '');
}

/** Whether a part names a charset that nobody here knows. */
export function isUnknownCharset(label: string | undefined): boolean {
  if (label === undefined || plainLabel(label) === '' || knownCharset(label) !== undefined) return false;
  return label.length > LABEL_CHARS_MAX || !EMPTY_LABELS.has(bareLabel(plainLabel(label)));
}

/** Whether what the whole of `bytes` says in a charset cannot be told. */
export function isUnreadableIn(label: string, bytes: Uint8Array): boolean {
  if (knownCharset(label) === UTF_16) return bytes.length > 0 && markedCharset(bytes) === undefined;
  return isUnknownCharset(label) && !isPlainIn(label, bytes);
}

/** Whether bytes say the same in any usual charset: printable US-ASCII, for HZ (RFC 1843) without its shifts. */
export function isPlainIn(label: string | undefined, bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return !(/^\s*hz/i.test(label ?? '') ? /[^\t\n\f\r\x20-\x7d]/ : /[^\t\n\f\r\x20-\x7e]/).test(text);
}

/** The byte order mark of UTF-16 that bytes begin with. */
export function markedCharset(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Decodes the whole of `bytes`; a charset that cannot be told is read as windows-1252. Never throws. */
export function decodeCharset(label: string, bytes: Uint8Array): string {
  const known = knownCharset(label);
  const encoding = (known === UTF_16 ? markedCharset(bytes) : known) ?? 'windows-1252';
  if (encoding === 'utf-7') {
    const utf7 = utf7Decoder();
    return utf7.decode(bytes) + utf7.end();
  }
  let decoder = decoders.get(encoding);
  if (decoder === undefined) decoders.set(encoding, (decoder = new TextDecoder(encoding)));
  return decoder.decode(bytes);
}

export interface CharsetDecoder {
  decode(bytes: Uint8Array): string;
  /** What was kept back because it was not whole. */
  end(): string;
}

/** A streaming decoder for a label that {@link knownCharset} gave. */
export function charsetDecoder(label: string): CharsetDecoder {
  if (label === 'utf-7') return utf7Decoder();
  const decoder = new TextDecoder(label);
  return { decode: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

/** UTF-7 (RFC 2152), which hides text in plain sight: `+` base64 of UTF-16BE `-`. */
function utf7Decoder(): CharsetDecoder {
  let kept = '';
  const decode = (bytes: Uint8Array, isLast: boolean): string => {
    const text = kept + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const cut = isLast ? text.length : openShift(text);
    kept = text.slice(cut);
    return text.slice(0, cut).replace(/\+([A-Za-z0-9+/]*)-?/g, (_whole, base64: string) => {
      if (base64 === '') return '+';
      const utf16 = Buffer.from(base64, 'base64');
      return new TextDecoder('utf-16be').decode(utf16.subarray(0, utf16.length & ~1));
    });
  };
  return { decode: (bytes) => decode(bytes, false), end: () => decode(new Uint8Array(), true) };
}

/** Where a shifted run begins that may go on in the next chunk; at most 4,096 characters are kept back. */
function openShift(text: string): number {
  let start = text.length;
  while (start > 0 && text.length - start < 4096 && /[A-Za-z0-9+/]/.test(text.charAt(start - 1))) start -= 1;
  const plus = text.indexOf('+', start);
  return plus < 0 ? text.length : plus;
}
