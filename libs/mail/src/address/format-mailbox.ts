import { cleanText, encodeWords } from '../header/format-field.js';
import type { Mailbox } from '../parsed-mail.js';

/** A mailbox as it stands in a header (RFC 5322 section 3.4): the name as atoms, quoted, or in encoded words; without an address the name alone. */
export function formatMailbox(mailbox: Mailbox): string {
  const name = cleanText(mailbox.displayName);
  const address = cleanText(mailbox.address).replace(/[<>]/g, '');
  if (name === '') return address;
  if (address === '') return phrase(name);
  return `${phrase(name)} <${address}>`;
}

function phrase(name: string): string {
  if (!/^[\x20-\x7e]*$/.test(name) || name.includes('=?') || /[^ ]{200}/.test(name)) return encodeWords(name);
  return /^[\w!#$%&'*+/=?^`{|}~ -]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}
