import { normalizeAddress, normalizeDomain } from '#lib/core';

/** `MAIL FROM:` or `RCPT TO:` as parsed: the shape that smtp-server hands on, and what we ask of it besides. */
export interface PathCommand {
  /** The local part as given, the domain as A-labels; '' for the null path, `postmaster` for the one that needs no domain. */
  readonly address: string;
  /** Values as given, xtext still in it. A parameter without a value is `true`. */
  readonly args: Record<string, string | true> | false;
  /** Whether the path is US-ASCII as it came: any other needs SMTPUTF8 (RFC 6531). */
  readonly isAscii: boolean;
  /** A parameter that stands there twice. */
  readonly duplicate?: string;
}

/** The path, the source route that is to be ignored (RFC 5321 appendix C), and the rest. */
const COMMAND =
  /^(MAIL FROM|RCPT TO):[ \t]*<(?:@[^\s,:@<>]+(?:,@[^\s,:@<>]+)*:)?((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>((?:[ \t]+\S+)*)[ \t]*$/iu;
/** esmtp-param of RFC 5321, with the letters of RFC 6531 in the value. */
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\u0080-\u{10ffff}]+))?$/u;
/** Controls, separators and letters without width: they make logs and people read another address than there is. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\u2060\ufeff\ufffd]/;

/** Parses a whole command line, strictly; `false` if it is not one of `verb`. */
export function parsePathCommand(verb: 'MAIL FROM' | 'RCPT TO', line: Uint8Array): PathCommand | false {
  const text = decode(line);
  const [, name, path, rest = ''] = text === undefined ? [] : (COMMAND.exec(text) ?? []);
  if (path === undefined || name?.toUpperCase() !== verb) return false;
  const address = addressOf(verb, path);
  const parameters = parseParameters(rest);
  if (address === undefined || parameters === undefined) return false;
  return { address, isAscii: /^[\x00-\x7f]*$/.test(path), ...parameters };
}

function decode(line: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return undefined;
  }
}

function addressOf(verb: 'MAIL FROM' | 'RCPT TO', path: string): string | undefined {
  if (path === '') return verb === 'MAIL FROM' ? '' : undefined;
  if (verb === 'RCPT TO' && path.toLowerCase() === 'postmaster') return 'postmaster';
  if (UNSAFE.test(path) || normalizeAddress(path) === undefined) return undefined;
  const at = path.lastIndexOf('@');
  return `${path.slice(0, at)}@${normalizeDomain(path.slice(at + 1)) ?? ''}`;
}

function parseParameters(rest: string): Pick<PathCommand, 'args' | 'duplicate'> | undefined {
  const words = rest.trim() === '' ? [] : rest.trim().split(/[ \t]+/);
  const args = new Map<string, string | true>();
  let duplicate: string | undefined;
  for (const word of words) {
    const [, key, value = true] = PARAMETER.exec(word) ?? [];
    if (key === undefined) return undefined;
    if (args.has(key.toUpperCase())) duplicate = key.toUpperCase();
    args.set(key.toUpperCase(), value);
  }
  return {
    args: args.size === 0 ? false : Object.fromEntries(args),
    ...(duplicate === undefined ? {} : { duplicate }),
  };
}
