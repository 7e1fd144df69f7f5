import { systemCodeOf } from '../errors.js';

const REPLY_CHARS_MAX = 500;
/** Replies about our session, not about the message: its order, authentication (RFC 4954) or encryption wanted or failed. */
const SESSION_CODES = new Set([503, 530, 534, 535, 538]);

/** Control characters, of C1 and of direction too, and spaces. */
const BLANK = /[\u0000-\u0020\u007f-\u00a0\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** A reply as one line of at most 500 characters: its code and status once, the texts of all lines, nothing that is not shown. */
export function oneLine(reply: string): string {
  const lines = reply
    .slice(0, 8 * REPLY_CHARS_MAX)
    .split(/\r\n|[\r\n]/)
    .map((line) => line.replace(BLANK, ' '));
  const [, code = '', status = ''] = /^(\d{3})[ -] ?(?:([245]\.\d{1,3}\.\d{1,3})(?= |$))?/.exec(lines[0] ?? '') ?? [];
  const texts = lines.map((line) => {
    const rest = code !== '' && line.startsWith(code) ? line.slice(4).trimStart() : line;
    return status !== '' && `${rest} `.startsWith(`${status} `) ? rest.slice(status.length) : rest;
  });
  const all = [code, status, ...texts].join(' ').replace(BLANK, ' ').trim();
  return all.slice(0, REPLY_CHARS_MAX).toWellFormed();
}

/** The code of a reply; `undefined` if it is none. */
export function codeOfReply(reply: string): number | undefined {
  const [, code] = /^([2-5]\d\d)(?:[ -]|$)/.exec(reply) ?? [];
  return code === undefined ? undefined : Number(code);
}

/** Whether a refusal is for good. One that is about our session, or is no reply at all, is not. */
export function isForGood(reply: string): boolean {
  const code = codeOfReply(reply);
  return code !== undefined && code >= 500 && !SESSION_CODES.has(code);
}

/** The connection broke or could not be made. Always temporary, whatever the relay said: it is not about a message. */
export class RelayFailure extends Error {
  /** For the log, as `errorFacts` reads it. */
  readonly code = 'RELAY_FAILED';
  readonly detail: { readonly reply: string };
  /** One line for people: our words, and those of the relay if it gave some. */
  readonly reply: string;

  constructor(words: string, cause?: unknown) {
    super(words, { cause });
    this.name = 'RelayFailure';
    this.reply = oneLine(words);
    this.detail = { reply: this.reply };
  }
}

/** What nodemailer says of an error, without the texts, which may hold addresses. */
interface ConnectionError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
}

/** A failure of the connection in words of ours. */
export function relayFailure(error: unknown): RelayFailure {
  if (error instanceof RelayFailure) return error;
  const { code, originalCode, response } = (error ?? {}) as ConnectionError;
  const said = typeof response === 'string' && response !== '' ? ` It said: ${oneLine(response)}` : '';
  const system = typeof originalCode === 'string' ? originalCode : systemCodeOf(error);
  switch (code) {
    case 'EDNS':
      return new RelayFailure(`The name of the relay could not be resolved (${system}).`, error);
    case 'ETIMEDOUT':
      return new RelayFailure('The relay did not answer in time.', error);
    case 'ETLS':
      return new RelayFailure(`The connection to the relay could not be encrypted.${said}`, error);
    case 'EAUTH':
      return new RelayFailure(`The relay did not take our credentials.${said}`, error);
    case 'EPROTOCOL':
      return new RelayFailure(`The relay gave an answer that makes no sense.${said}`, error);
    case 'ESTREAM':
      return new RelayFailure('The copy could not be read to its end.', error);
    case 'ESOCKET':
      return new RelayFailure(`The connection to the relay failed (${system}).`, error);
    default:
      return new RelayFailure(`The relay closed the connection.${said}`, error);
  }
}
