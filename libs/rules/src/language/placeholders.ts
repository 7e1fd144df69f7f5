import { normalizeAddress } from '#lib/core';

/** What may stand in a text between `{{` and `}}`. */
export const PLACEHOLDERS = [
  'sender.address',
  'sender.displayName',
  'recipient.address',
  'recipient.displayName',
  'subject',
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

const PATTERN = /\{\{([^{}]*)\}\}/g;
/** Characters of a value that is filled in. */
const FILLED_CHARS_MAX = 500;

/** The names that stand between `{{` and `}}` in a text, known or not. */
export function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(PATTERN)].map((found) => (found[1] ?? '').trim());
}

/**
 * Fills a text whose placeholders are all known. A value is one line without control characters, cannot hold another
 * placeholder, and turns the direction of nothing: what the rule itself says is read as it was written.
 */
export function fillPlaceholders(text: string, valueOf: (name: Placeholder) => string): string {
  return text.replace(PATTERN, (_all, written: string) => valueFor(written.trim() as Placeholder, valueOf));
}

/**
 * Fills the value of a header field that is a list of mailboxes (RFC 5322 section 3.4): what is filled in can neither add
 * a mailbox nor change one. In quotes and comments of the text a value is escaped; elsewhere an address stands as it is, or
 * not at all if it is none, and everything else as a quoted string.
 */
export function fillMailboxes(text: string, valueOf: (name: Placeholder) => string): string {
  const syntax = new MailboxSyntax();
  let filled = '';
  let at = 0;
  for (const found of text.matchAll(PATTERN)) {
    const before = text.slice(at, found.index);
    syntax.read(before);
    const name = (found[1] ?? '').trim() as Placeholder;
    filled += before + syntax.escaped(valueFor(name, valueOf), isAddress(name));
    at = found.index + found[0].length;
  }
  return filled + text.slice(at);
}

/** Why placeholders cannot be filled into the value of such a field safely, `undefined` if they can. */
export function mailboxesProblem(text: string): string | undefined {
  const syntax = new MailboxSyntax();
  let at = 0;
  for (const found of text.matchAll(PATTERN)) {
    syntax.read(text.slice(at, found.index));
    at = found.index + found[0].length;
    const isName = !isAddress((found[1] ?? '').trim());
    syntax.escaped('', true);
    const isTouching = text.charAt(found.index - 1) === '@' || text.charAt(at) === '@';
    if (isName && (syntax.place === 'angle' || (syntax.place === 'bare' && isTouching))) {
      return 'in this field a name or the subject cannot be part of an address';
    }
  }
  syntax.read(text.slice(at));
  if (at === 0 || syntax.place === 'bare') return undefined;
  return 'in this field quotes, brackets and parentheses are closed';
}

function isAddress(name: string): boolean {
  return name === 'sender.address' || name === 'recipient.address';
}

/** Where in a list of mailboxes a text has come to. */
class MailboxSyntax {
  #isQuoted = false;
  #isAngle = false;
  #depth = 0;
  /** The last character was a backslash that takes the meaning of the next. */
  #isEscape = false;
  #last = '';

  get place(): 'quoted' | 'comment' | 'angle' | 'bare' {
    if (this.#isQuoted) return 'quoted';
    if (this.#depth > 0) return 'comment';
    return this.#isAngle ? 'angle' : 'bare';
  }

  read(text: string): void {
    for (const character of text) this.#step(character);
  }

  /** A value as it can stand here. */
  escaped(value: string, isAddress: boolean): string {
    const before = this.#last;
    this.#last = '';
    if (this.#isQuoted || this.#depth > 0) {
      // A backslash before the value would take the one that escapes its first character.
      const backslash = this.#isEscape ? '\\' : '';
      this.#isEscape = false;
      return backslash + value.replace(this.#isQuoted ? /["\\]/g : /[()\\]/g, '\\$&');
    }
    if (isAddress) return normalizeAddress(value) ?? '';
    if (value === '') return '';
    return `${before === '\\' ? ' ' : ''}"${value.replace(/["\\]/g, '\\$&')}"`;
  }

  #step(character: string): void {
    this.#last = character;
    const isWithin = this.#isQuoted || this.#depth > 0;
    if (this.#isEscape) this.#isEscape = false;
    else if (isWithin && character === '\\') this.#isEscape = true;
    else if (this.#isQuoted) this.#isQuoted = character !== '"';
    else if (character === '(') this.#depth += 1;
    else if (this.#depth > 0) this.#depth -= character === ')' ? 1 : 0;
    else if (character === '"') this.#isQuoted = true;
    else if (character === '<') this.#isAngle = true;
    else if (character === '>') this.#isAngle = false;
  }
}

function valueFor(name: Placeholder, valueOf: (name: Placeholder) => string): string {
  const value = oneLine(valueOf(name));
  return isAddress(name) ? value : value.replace(/\p{Bidi_Control}+/gu, '');
}

function oneLine(value: string): string {
  const line = value.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.trim().slice(0, FILLED_CHARS_MAX).toWellFormed();
}
