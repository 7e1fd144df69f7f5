import { domainToASCII } from 'node:url';

/** RFC 5321 section 4.5.3.1: octets of a path without its angle brackets. */
const ADDRESS_BYTES_MAX = 254;
const LOCAL_BYTES_MAX = 64;
const DOMAIN_LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/iu;
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\[\x20-\x7e])*"$/u;
const LITERAL = /^\[(IPv6:)?([0-9a-f:.]+)\]$/i;
const FOUR_NUMBERS = /^\d+(?:\.\d+){3}$/;

/**
 * An SMTP mailbox (RFC 5321 section 4.1.2, RFC 6531 for UTF-8) in the one form in which we compare it: lower case, local
 * part too, the domain as A-labels. `undefined` if it is not an address that may stand in a path, or no well-formed text.
 */
export function normalizeAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  if (at <= 0 || Buffer.byteLength(text) > ADDRESS_BYTES_MAX || !text.isWellFormed()) return undefined;
  const local = text.slice(0, at);
  if (Buffer.byteLength(local) > LOCAL_BYTES_MAX || !(ATOM.test(local) || QUOTED.test(local))) return undefined;
  const domain = normalizeDomain(text.slice(at + 1));
  return domain === undefined ? undefined : `${local.normalize('NFC').toLowerCase()}@${domain}`;
}

/** A domain as lower-case A-labels, or an address literal; `undefined` if it is neither. */
export function normalizeDomain(text: string): string | undefined {
  if (text.startsWith('[')) return isLiteral(text) ? text.toLowerCase() : undefined;
  if (/[\s%/\\:?#@[\]]/.test(text)) return undefined;
  const ascii = domainToASCII(text.replace(/\.$/, '')).toLowerCase();
  // The URL parser turns a number into an IPv4 address; a domain is what was written.
  if (ascii === '' || ascii.length > 253 || FOUR_NUMBERS.test(ascii)) return undefined;
  return ascii.split('.').every((label) => DOMAIN_LABEL.test(label)) ? ascii : undefined;
}

/** An address literal (RFC 5321 section 4.1.3) of IPv4 or IPv6, as the URL parser reads addresses. */
function isLiteral(text: string): boolean {
  const [, tag, address = ''] = LITERAL.exec(text) ?? [];
  if (tag !== undefined) return URL.canParse(`http://[${address}]/`);
  return FOUR_NUMBERS.test(address) && URL.parse(`http://${address}/`)?.hostname === address;
}

/** The domain of an address in our form. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** `true` for the domain itself and for each domain below it; both as A-labels. */
export function isUnderDomain(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** Whether the local part needs SMTPUTF8 (RFC 6531) on the wire; domains are A-labels by then. */
export function needsSmtpUtf8(address: string): boolean {
  return !/^[\x00-\x7f]*$/.test(address);
}

/**
 * Whether the value of a header field of this name is a list of mailboxes (RFC 5322 section 3.6, and what programs took
 * after it: `Errors-To`, `Disposition-Notification-To`, `Mail-Followup-To`).
 */
export function isAddressField(name: string): boolean {
  return /^(?:.+-)?(?:to|cc|bcc|from)$|^(?:resent-)?sender$/i.test(name) && !/^in-reply-to$/i.test(name);
}
