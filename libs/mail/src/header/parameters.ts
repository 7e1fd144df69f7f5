import { decodeCharset, isUnreadableIn } from '../mime/charset.js';
import { decodeText, hasUnreadableWord } from './encoded-words.js';
import { hexDigit } from './hex-digit.js';

export interface ParameterizedValue {
  /** What stands before the first semicolon, comma or white space (that around a slash apart), lower case, without comments. */
  readonly value: string;
  /** By name in lower case, decoded (RFC 2231, and RFC 2047 where it should not be). RFC 2231 counts, else the first of a name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of names that were given several times: all their values, each once, the one that counts first. */
  readonly rivals: ReadonlyMap<string, readonly string[]>;
  /** Names of parameters whose charset is not known. */
  readonly unreadable: ReadonlySet<string>;
}

/** The first token: where readers cut it, so that nothing behind it changes what the part is. */
const FIRST = /^[\s,]*([^\s,/]+\s*\/\s*[^\s,]+|[^\s,]*)/;

interface Section {
  readonly index: number;
  readonly text: string;
  readonly isExtended: boolean;
}

/**
 * Reads a value with parameters (RFC 2045 section 5.1, RFC 2183, continuations and charsets of RFC 2231), as written by
 * careful and by careless programs. Linear in time.
 */
export function parseParameters(text: string): ParameterizedValue {
  const [head = '', ...pieces] = splitAtSemicolons(text);
  const first = FIRST.exec(head);
  // A parameter that no semicolon parts from the value.
  const behind = head.slice(first?.[0].length ?? 0).replace(/^[\s,]+/, '');
  const plain = new Map<string, Set<string>>();
  const sections = new Map<string, Section[]>();
  const unreadable = new Set<string>();
  for (const piece of [behind, ...pieces]) {
    const equals = piece.indexOf('=');
    if (equals <= 0) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const value = unquote(piece.slice(equals + 1).trim());
    const extended = /^([^*]+)(?:\*(\d{1,5}))?(\*)?$/.exec(name);
    const base = extended?.[1];
    if (base !== undefined && name.length > base.length) {
      const list = sections.get(base) ?? [];
      list.push({ index: Number(extended?.[2] ?? 0), text: value, isExtended: extended?.[3] === '*' });
      sections.set(base, list);
    } else {
      const values = plain.get(name) ?? new Set();
      plain.set(name, values.add(decodeText(value)));
      if (hasUnreadableWord(value)) unreadable.add(name);
      // Where it is not quoted, white space ends it for some.
      const cut = name === 'boundary' ? /^\s*([^\s"]+)\s/.exec(piece.slice(equals + 1).trimEnd())?.[1] : undefined;
      if (cut !== undefined) values.add(cut);
    }
  }
  for (const [name, list] of sections) {
    const joined = joinSections(list);
    plain.set(name, new Set([joined.text, ...(plain.get(name) ?? [])]));
    if (joined.isUnreadable) unreadable.add(name);
  }
  return {
    value: (first?.[1] ?? '').replace(/\s+/g, '').toLowerCase(),
    parameters: new Map([...plain].map(([name, [value = '']]) => [name, value])),
    rivals: new Map([...plain].filter(([, { size }]) => size > 1).map(([name, values]) => [name, [...values]])),
    unreadable,
  };
}

/** RFC 2231 sections 3 and 4: sections in the order of their numbers, the charset said by the first one. */
function joinSections(list: readonly Section[]): { readonly text: string; readonly isUnreadable: boolean } {
  const ordered = list.length === 1 ? list : list.toSorted((a, b) => a.index - b.index);
  let charset = 'utf-8';
  const bytes: Buffer[] = [];
  let isFirst = true;
  for (const { text, isExtended } of ordered) {
    let rest = text;
    if (isFirst && isExtended) {
      const first = rest.indexOf("'");
      const second = first < 0 ? -1 : rest.indexOf("'", first + 1);
      if (second >= 0) {
        charset = rest.slice(0, first) || charset;
        rest = rest.slice(second + 1);
      }
    }
    isFirst = false;
    bytes.push(isExtended ? percentDecoded(rest) : Buffer.from(rest));
  }
  const whole = Buffer.concat(bytes);
  const written = decodeCharset(charset, whole).replaceAll('\0', '');
  return {
    text: decodeText(written),
    isUnreadable: isUnreadableIn(charset, whole) || hasUnreadableWord(written),
  };
}

function percentDecoded(text: string): Buffer {
  if (!text.includes('%')) return Buffer.from(text);
  const source = Buffer.from(text);
  const target = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at += 1) {
    const high = source[at] === 0x25 ? hexDigit(source[at + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(source[at + 2]);
    target[length] = low < 0 ? (source[at] ?? 0) : high * 16 + low;
    if (low >= 0) at += 2;
    length += 1;
  }
  return target.subarray(0, length);
}

/** Cuts at semicolons outside of quoted strings, and takes comments (nested ones too) out. */
function splitAtSemicolons(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let run = 0;
  let isQuoted = false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c && (isQuoted || depth > 0)) at += 1;
    else if (depth > 0) {
      if (code === 0x28) depth += 1;
      else if (code === 0x29) depth -= 1;
      if (depth === 0) run = at + 1;
    } else if (code === 0x22) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (code === 0x3b) {
      pieces.push(piece + text.slice(run, at));
      piece = '';
      run = at + 1;
    } else if (code === 0x28 && isCommentStart(text, at)) {
      piece += text.slice(run, at);
      depth = 1;
    }
  }
  // An unclosed comment hides nothing: what it would have swallowed is read as it stands.
  pieces.push(depth > 0 ? piece + text.slice(run).replace('(', ' ') : piece + text.slice(run));
  return pieces;
}

/** Careless programs write `name=report(1).pdf`: a comment begins only where white space or a delimiter stands before. */
function isCommentStart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return at === 0 || before === 0x20 || before === 0x09 || before === 0x3b || before === 0x22;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  let value = '';
  let run = 1;
  for (let at = 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return value + text.slice(run, at);
    if (code === 0x5c) {
      value += text.slice(run, at);
      at += 1;
      run = at;
    }
  }
  return value + text.slice(run);
}
