import { namedReferences } from './named-references.js';

/** Longest reference that is looked for, with its `&`; the longest name has 31 characters. */
export const REFERENCE_CHARS_MAX = 34;
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,24})|#(\d{1,24})|([A-Za-z][A-Za-z0-9]{1,30}));?/g;

let names: ReadonlyMap<string, string> | undefined;

/** Character references of HTML decoded (WHATWG HTML, section 13.5), also without their semicolon. */
export function decodeReferences(text: string): string {
  return text.replace(REFERENCE, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named(name, whole);
    return codePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function named(name: string, whole: string): string {
  names ??= namedReferences();
  const isEnded = whole.endsWith(';');
  const exact = names.get(isEnded ? `${name};` : name);
  if (exact !== undefined) return exact;
  // Old names need no semicolon and may touch what follows: `&notit;` is `¬it;`.
  for (let length = Math.min(name.length - 1, 6); length >= 2; length -= 1) {
    const found = names.get(name.slice(0, length));
    if (found !== undefined) return found + name.slice(length) + (isEnded ? ';' : '');
  }
  return whole;
}

/** Windows-1252 in the place of C1, as the standard says; what is no character is U+FFFD, and NUL is nothing. */
function codePoint(code: number): string {
  if (code === 0) return '';
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return new TextDecoder('windows-1252').decode(Uint8Array.of(code));
  return String.fromCodePoint(code);
}
