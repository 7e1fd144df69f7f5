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
  unicode: 'utf-16le',
};
const KNOWN_MAX = 200;
const known = new Map<string, string | undefined>();

/**
 * The label under which `TextDecoder` knows a charset; `undefined` for what it does not know and for the labels that say
 * nothing (`us-ascii` is written on text in any charset). `utf-7` (RFC 2152) is known as well.
 */
export function knownCharset(label: string | undefined): string | undefined {
  if (label === undefined || label === '' || label.length > 40) return undefined;
  const lower = label.toLowerCase();
  if (known.has(lower)) return known.get(lower);
  if (known.size >= KNOWN_MAX) known.clear();
  const found = resolve(lower.trim());
  known.set(lower, found);
  return found;
}

function resolve(label: string): string | undefined {
  const bare = label
    .replace(/\*.*$/, '')
    .replace(/^(?:x-|cs(?=[a-z]))/, '')
    .replace(/[\s._-]+/g, '');
  if (bare === 'usascii' || bare === 'ascii' || bare === 'ansix341968') return undefined;
  if (bare === 'utf7' || bare === 'unicode11utf7') return 'utf-7';
  return decodable(label) ?? decodable(ALIASES[bare]) ?? decodable(bare.replace(/^cp(?=125\d$)/, 'windows-'));
}

function decodable(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Decodes the whole of `bytes`; a charset that nobody knows is read as windows-1252. Never throws. */
export function decodeCharset(label: string, bytes: Uint8Array): string {
  const decoder = charsetDecoder(knownCharset(label) ?? 'windows-1252');
  return decoder.decode(bytes) + decoder.end();
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
