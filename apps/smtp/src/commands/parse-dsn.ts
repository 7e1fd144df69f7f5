import type { Notify } from '#lib/flow';

/** RFC 3461 section 5.4: ENVID at most 100 characters, ORCPT at most 500. */
const ENVID_CHARS_MAX = 100;
const ORCPT_CHARS_MAX = 500;
const XTEXT = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/;
const ADDRESS_TYPE = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})$/;
/** RFC 6533 section 3, both of its forms. */
const UTF8_ADDRESS = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\x\{[0-9A-F]{2,6}\})+$/u;

type Condition = 'SUCCESS' | 'FAILURE' | 'DELAY';

/** NOTIFY of RFC 3461; `undefined` if it is not as that says. */
export function parseNotify(text: string): Exclude<Notify, null> | undefined {
  const words = text.toUpperCase().split(',');
  if (words.length === 1 && words[0] === 'NEVER') return 'NEVER';
  return words.every(isCondition) ? [...new Set(words)] : undefined;
}

function isCondition(word: string): word is Condition {
  return word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY';
}

/** Whether this is an ORCPT: type, `;`, and an address in the encoding of the type. It is kept as given. */
export function isOrcpt(text: string): boolean {
  const semicolon = text.indexOf(';');
  const [type, address] = [text.slice(0, Math.max(semicolon, 0)), text.slice(semicolon + 1)];
  if (text.length > ORCPT_CHARS_MAX || !ADDRESS_TYPE.test(type)) return false;
  return (type.toLowerCase() === 'utf-8' ? UTF8_ADDRESS : XTEXT).test(address);
}

/** Whether this is an ENVID. It is kept as given. */
export function isEnvid(text: string): boolean {
  return text.length <= ENVID_CHARS_MAX && XTEXT.test(text);
}

export function parseRet(text: string): 'FULL' | 'HDRS' | undefined {
  const word = text.toUpperCase();
  return word === 'FULL' || word === 'HDRS' ? word : undefined;
}
