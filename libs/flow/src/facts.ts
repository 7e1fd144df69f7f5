import { domainOf, normalizeAddress, normalizeDomain } from '#lib/core';
import type { Mailbox, MailErrorCode, ParsedMail } from '#lib/mail';
import {
  spamScoreIn,
  type FactError,
  type FactRecord,
  type FactValue,
  type RecipientFacts,
  type SenderFacts,
} from '#lib/rules';
import type { Accepted } from './message.js';

/** The flat record that rules see: the received message, its envelope and the way it came. */
export function factsOf(accepted: Accepted, mail: ParsedMail, smimeKeys: readonly string[]): FactRecord {
  const keys = new Set(smimeKeys);
  const envelope = accepted.recipients.filter((recipient) => recipient.origin === 'envelope');
  const addresses = new Set(envelope.map((recipient) => recipient.address));
  const { mailFrom } = accepted.envelope;
  const places = placesOf(mail);
  return {
    receivedAt: accepted.receivedAt,
    message: { ...messageFacts(mail), 'message.spamScore': spamScoreOf(accepted, mail) },
    headers: headersOf(mail),
    unreadable: { fields: mail.unreadableFields, errorCode: UNKNOWN_CHARSET },
    headerFrom: mail.from.map(senderOf),
    envelopeFrom:
      mailFrom === '' ? null : senderOf({ address: normalizeAddress(mailFrom) ?? mailFrom, displayName: '' }),
    isAuthenticated: accepted.connection.isAuthenticated,
    ip: accepted.connection.ip,
    recipients: envelope.map((recipient) => ({
      ...(places.get(recipient.address) ?? IN_NO_HEADER),
      address: recipient.address,
      keys: keys.has(recipient.address) ? ['smime'] : [],
      ...(recipient.resumeAfterRule === null ? {} : { resumeAfterRule: recipient.resumeAfterRule }),
      ...(recipient.isUnprotected ? { isUnprotected: true } : {}),
    })),
    // fromEntries, not assignment: an address or a field may be called __proto__.
    keysOfAdded: Object.fromEntries(
      [...keys].filter((address) => !addresses.has(address)).map((address) => [address, ['smime']]),
    ),
    resumeOfAdded: Object.fromEntries(
      accepted.recipients.flatMap(({ origin, address, resumeAfterRule }) =>
        origin === 'added' && resumeAfterRule !== null ? [[address, resumeAfterRule]] : [],
      ),
    ),
    unprotectedAdded: accepted.recipients.flatMap(({ origin, address, isUnprotected }) =>
      origin === 'added' && isUnprotected ? [address] : [],
    ),
  };
}

function messageFacts(mail: ParsedMail): FactRecord['message'] {
  const { attachments } = mail;
  const [gap] = mail.gaps;
  const hidden = mail.gaps.find((code) => !OF_TEXT.includes(code));
  const ofNames = hidden ?? (mail.hasUnreadableNames ? UNKNOWN_CHARSET : undefined);
  const ambiguous = mail.gaps.find((code) => code === 'ERR_MAIL_AMBIGUOUS');
  const cut = attachments.some(({ contents }) => contents?.limitExceeded === true) ? LIMIT : undefined;
  // What was found is so, whatever was not seen.
  const found = (what: 'isExecutable' | 'isPasswordProtected' | 'isUnscannable'): boolean | FactError => {
    const isFound = attachments.some(({ contents }) => contents?.[what] === true);
    return unless(hidden ?? (isFound ? undefined : cut), isFound);
  };
  const ofLinks = (read: (links: Links) => FactValue): FactValue | FactError => {
    if (mail.links === null) return undefined;
    return typeof mail.links === 'string' ? { errorCode: mail.links } : unless(gap, read(mail.links));
  };
  return {
    // Every line of it, since programs differ in which one they show.
    subject: mail.headers.filter(({ name }) => name.toLowerCase() === 'subject').map(({ value }) => value),
    body: unless(gap, mail.body),
    to: addressesOf(mail.to),
    cc: addressesOf(mail.cc),
    'message.sizeBytes': mail.sizeBytes,
    'message.importance': mail.importance,
    'message.type': unless(ambiguous, mail.types),
    'attachment.count': unless(hidden, attachments.length),
    'attachment.names': unless(
      ofNames ?? cut,
      attachments.flatMap(({ names, contents }) => [...names, ...(contents?.memberNames ?? [])]),
    ),
    'attachment.extensions': unless(
      ofNames ?? cut,
      attachments.flatMap(({ extensions, contents }) => [...extensions, ...(contents?.memberExtensions ?? [])]),
    ),
    'attachment.types': unless(
      hidden ?? cut,
      attachments.flatMap(({ type, contents }) => [type, ...(contents?.memberTypes ?? [])]),
    ),
    'attachment.sizesBytes': unless(
      hidden,
      attachments.map((attachment) => attachment.sizeBytes),
    ),
    'attachment.isExecutable': found('isExecutable'),
    'attachment.isPasswordProtected': found('isPasswordProtected'),
    'attachment.isUnscannable': found('isUnscannable'),
    'attachment.limitExceeded': unless(hidden, cut !== undefined),
    'attachment.hashes': unless(
      hidden ?? cut,
      attachments.flatMap(({ hashes }) => hashes),
    ),
    'message.charsets': asFact(hidden, mail.charsets),
    'link.domains': ofLinks((links) => links.domains),
    'link.count': ofLinks((links) => links.count),
  };
}

/** What a filter said before us, of whoever may be believed: anybody may write its fields. */
function spamScoreOf({ connection }: Accepted, mail: ParsedMail): number | undefined {
  if (!connection.isAuthenticated && !connection.isTrustedNetwork) return undefined;
  return spamScoreIn((name) => mail.headers.find((field) => field.name.toLowerCase() === name)?.value);
}

type Links = Exclude<ParsedMail['links'], string | null>;

const LIMIT: MailErrorCode = 'ERR_MAIL_ATTACHMENT_LIMIT';
const UNKNOWN_CHARSET: MailErrorCode = 'ERR_CHARSET_UNKNOWN';

/** Gaps that leave every part seen, and only what one of them says unknown. */
const OF_TEXT: readonly MailErrorCode[] = ['ERR_CHARSET_UNKNOWN', 'ERR_MAIL_TEXT_TOO_LARGE'];

/** A fact, or that it could not be had. */
function unless<T extends FactValue>(code: MailErrorCode | undefined, value: T): T | FactError {
  return code === undefined ? value : { errorCode: code };
}

/** A value, or why there is none. */
function asFact(code: MailErrorCode | undefined, value: readonly string[] | MailErrorCode): FactValue | FactError {
  return typeof value === 'string' ? { errorCode: value } : unless(code, value);
}

function headersOf(mail: ParsedMail): FactRecord['headers'] {
  const headers = new Map<string, string[]>();
  for (const { name, value } of mail.headers) {
    const key = name.toLowerCase();
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [value]);
    else values.push(value);
  }
  return Object.fromEntries(headers);
}

type Place = Pick<RecipientFacts, 'displayName' | 'in'>;

export const IN_NO_HEADER: Place = { in: 'bcc', displayName: undefined };

/** Where each address of the header stands; To counts before Cc, the first of a field before the others. */
export function placesOf(mail: ParsedMail): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const field of ['to', 'cc'] as const) {
    for (const { address, displayName } of mail[field]) {
      if (!places.has(address)) {
        places.set(address, { in: field, displayName: displayName === '' ? undefined : displayName });
      }
    }
  }
  return places;
}

/** A name without an address is no recipient. */
function addressesOf(mailboxes: readonly Mailbox[]): readonly string[] {
  return mailboxes.map(({ address }) => address).filter((address) => address !== '');
}

function senderOf({ address, displayName }: Mailbox): SenderFacts {
  const orNothing = (text: string): string | undefined => (text === '' ? undefined : text);
  const domain = address.includes('@') ? domainOf(address) : '';
  return {
    address: orNothing(address),
    domain: orNothing(normalizeDomain(domain) ?? domain),
    displayName: orNothing(displayName),
  };
}
