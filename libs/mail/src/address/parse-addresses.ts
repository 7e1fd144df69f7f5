import { normalizeAddress } from '#lib/core';
import { MailError } from '../errors.js';
import { decodeText } from '../header/encoded-words.js';
import type { Mailbox } from '../parsed-mail.js';

/** A piece of a phrase or of an address without angle brackets. */
interface Word {
  /** As written, quotes included. */
  raw: string;
  /** With quotes and backslashes taken off. */
  text: string;
  /** It is, or ends in, a quoted string: an `@` in it makes no address. */
  hasBareAt: boolean;
}

const ENCODED_WORD = /=\?[^?\s]{1,64}\?[bq]\?[^?]*\?=/iy;

/**
 * The mailboxes of an address header (RFC 5322 section 3.4 with its obsolete forms), from its unfolded value before
 * RFC 2047 decoding. Groups are opened up, comments may nest, careless forms are read as people would read them. Linear
 * in time, no recursion. Throws `ERR_MAIL_TOO_MANY_ADDRESSES`.
 */
export function parseAddresses(value: string, addressesMax: number): Mailbox[] {
  return new AddressReader(value, addressesMax).read();
}

class AddressReader {
  readonly #found: Mailbox[] = [];
  #at = 0;
  #words: Word[] = [];
  #comments: string[] = [];
  #angle: string | undefined;
  /** White space or a comment stood before what comes now. */
  #isApart = true;
  #lastRaw = '';
  /** A quote was met that never closes. */
  #isQuoteOpen = false;
  #lastClose: number | undefined;
  #closings: Map<number, number> | undefined;

  constructor(
    private readonly value: string,
    private readonly addressesMax: number,
  ) {}

  read(): Mailbox[] {
    const { value } = this;
    while (this.#at < value.length) {
      const character = value.charAt(this.#at);
      switch (character) {
        case ',':
        case ';':
          this.#endMailbox();
          this.#at += 1;
          break;
        case ':':
          // What stood before is the name of a group; its members follow.
          this.#reset();
          this.#at += 1;
          break;
        case '(':
          this.#comments.push(this.#readComment());
          this.#isApart = true;
          break;
        case '<':
          if (this.#angle !== undefined) this.#endMailbox();
          this.#angle = this.#readAngle();
          this.#isApart = true;
          break;
        case '"': {
          const start = this.#at;
          const text = this.#readQuoted();
          if (text !== undefined) this.#addWord({ raw: value.slice(start, this.#at), text, hasBareAt: false });
          break;
        }
        case ' ':
        case '\t':
        case '>':
        case ')':
          this.#isApart = true;
          this.#at += 1;
          break;
        default:
          this.#readAtom();
      }
    }
    this.#endMailbox();
    return this.#found;
  }

  #readAtom(): void {
    const start = this.#at;
    ENCODED_WORD.lastIndex = start;
    if (this.value.charAt(start) === '=' && ENCODED_WORD.test(this.value)) this.#at = ENCODED_WORD.lastIndex;
    else {
      this.#at += 1;
      while (this.#at < this.value.length && !isSpecial(this.value.charCodeAt(this.#at))) this.#at += 1;
      // An address literal may hold colons: user@[IPv6:::1].
      if (this.value.startsWith('@[IPv6', this.#at - '@[IPv6'.length)) this.#skipLiteral();
    }
    const raw = this.value.slice(start, this.#at);
    this.#addWord({ raw, text: raw, hasBareAt: raw.includes('@') && !raw.startsWith('=?') });
  }

  #skipLiteral(): void {
    const close = /[^\]]{1,64}\]/y;
    close.lastIndex = this.#at;
    if (close.test(this.value)) this.#at = close.lastIndex;
  }

  /** Joins what touches, and what an obsolete form (RFC 5322 section 4.4) pulled apart around `.` and `@`. */
  #addWord(word: Word): void {
    const last = this.#words.at(-1);
    const isApart = this.#isApart;
    this.#isApart = false;
    const isJoined =
      last !== undefined &&
      (!isApart || this.#lastRaw === '.' || this.#lastRaw.endsWith('@') || /^[.@]/.test(word.raw));
    this.#lastRaw = word.raw;
    if (!isJoined) {
      this.#words.push(word);
      return;
    }
    last.raw += word.raw;
    last.text += (isApart || word.raw.startsWith('=?') ? ' ' : '') + word.text;
    last.hasBareAt ||= word.hasBareAt;
  }

  /** A quoted string without its quotes; `undefined`, one character further, if it never closes: it hides nothing. */
  #readQuoted(): string | undefined {
    const start = this.#at + 1;
    this.#at = start;
    if (this.#isQuoteOpen) return undefined;
    let text = '';
    let run = start;
    for (let at = start; at < this.value.length; at += 1) {
      const code = this.value.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        return text + this.value.slice(run, at);
      }
      if (code === 0x5c) {
        text += this.value.slice(run, at);
        at += 1;
        run = at;
      }
    }
    this.#isQuoteOpen = true;
    return undefined;
  }

  /** A comment with the ones in it; an unclosed one hides nothing. */
  #readComment(): string {
    const start = this.#at;
    this.#closings ??= closingParentheses(this.value, start);
    const close = this.#closings.get(start);
    this.#at = (close ?? start) + 1;
    return close === undefined ? '' : this.value.slice(start + 1, close).replace(/[\\()]+/g, '');
  }

  /** What stands between angle brackets, without route (RFC 5322 section 4.4), comments and white space. */
  #readAngle(): string {
    let text = '';
    this.#at += 1;
    this.#lastClose ??= this.value.lastIndexOf('>');
    const isClosed = this.#lastClose >= this.#at;
    while (this.#at < this.value.length) {
      const character = this.value.charAt(this.#at);
      if (!isClosed && (character === ',' || character === ';')) break;
      if (character === '(') this.#readComment();
      else if (character === '"') {
        const start = this.#at;
        if (this.#readQuoted() !== undefined) text += this.value.slice(start, this.#at);
      } else {
        this.#at += 1;
        if (character === '>') break;
        if (character === '<') text = '';
        else if (character !== ' ' && character !== '\t') text += character;
      }
    }
    const colon = text.startsWith('@') ? text.indexOf(':') : -1;
    return text.slice(colon + 1);
  }

  #endMailbox(): void {
    const words = this.#words;
    let address = this.#angle;
    if (address === undefined) {
      const at = words.findLastIndex((word) => word.hasBareAt);
      // One word alone is an address that lacks its domain; in quotes it is a name.
      const index = at < 0 && words.length === 1 && words[0]?.raw.startsWith('"') === false ? 0 : at;
      address = index < 0 ? '' : (words.splice(index, 1)[0]?.raw ?? '');
    }
    const phrase = words.map((word) => word.text).join(' ');
    const name = decodeText(phrase === '' ? this.#comments.join(' ') : phrase).trim();
    this.#reset();
    // A comment alone (`To: undisclosed-recipients:; (no To-header on input)`) is nobody.
    if (address === '' && phrase === '') return;
    if (this.#found.length >= this.addressesMax) {
      throw new MailError('ERR_MAIL_TOO_MANY_ADDRESSES', { limit: 'addressesMax' });
    }
    this.#found.push({ address: normalizeAddress(address) ?? address.toLowerCase(), displayName: name });
  }

  #reset(): void {
    this.#words = [];
    this.#comments = [];
    this.#angle = undefined;
    this.#isApart = true;
  }
}

/** For each parenthesis from `start` on that is closed, where: in one pass, so that thousands of open ones cost no more. */
function closingParentheses(value: string, start: number): Map<number, number> {
  const open: number[] = [];
  const closings = new Map<number, number>();
  for (let at = start; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x28) open.push(at);
    else if (code === 0x29) {
      const from = open.pop();
      if (from !== undefined) closings.set(from, at);
    }
  }
  return closings;
}

function isSpecial(code: number): boolean {
  switch (code) {
    case 0x09:
    case 0x20:
    case 0x22: // "
    case 0x28: // (
    case 0x29: // )
    case 0x2c: // ,
    case 0x3a: // :
    case 0x3b: // ;
    case 0x3c: // <
    case 0x3e: // >
      return true;
    default:
      return false;
  }
}
