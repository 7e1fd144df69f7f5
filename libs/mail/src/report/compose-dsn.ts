import { createHash } from 'node:crypto';
import { formatMailbox } from '../address/format-mailbox.js';
import { parseAddresses } from '../address/parse-addresses.js';
import { cleanText, formatField, formatRawField } from '../header/format-field.js';
import { defaultMailLimits } from '../parsed-mail.js';
import { ownHeader, plainLine, type OwnMessage } from './own-header.js';
import { formatRfcDate } from './rfc-date.js';

export type DsnType = 'failure' | 'delay' | 'success';

export interface DsnRecipient {
  readonly address: string;
  /** ORCPT as given to RCPT (`rfc822;` and xtext, RFC 3461 section 4.2). */
  readonly orcpt: string | null;
  /** Enhanced status code (RFC 3463), for example `5.1.1`. */
  readonly status: string;
  /** The reply of the next server, or our own words; one line. */
  readonly reply: string;
  /** Where `success` means more than that the next server took it and reports nothing: default `relayed`. */
  readonly action?: 'delivered' | 'relayed' | 'expanded';
  readonly remoteMta?: string;
  readonly lastAttemptAt?: Date;
  /** Of a delay: when we give up. */
  readonly retryUntil?: Date;
}

/** All that a DSN returns of a message: decoded values, `null` for what it had not or what is not to be said. */
export interface ReturnedHeader {
  readonly messageId: string | null;
  readonly date: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** `null` as well if anything asked for protection. */
  readonly subject: string | null;
}

export interface DsnInput extends OwnMessage {
  readonly type: DsnType;
  /** Our host name. */
  readonly reportingMta: string;
  /** ENVID as given to MAIL (xtext). */
  readonly envid: string | null;
  readonly arrivedAt: Date;
  readonly recipients: readonly DsnRecipient[];
  readonly original: ReturnedHeader;
}

const SUBJECT: Record<DsnType, string> = {
  failure: 'Undelivered mail returned to sender',
  delay: 'Delayed mail (still being tried)',
  success: 'Mail was handed on',
};
const TEXT: Record<DsnType, string> = {
  failure: 'Your message could not be delivered to these recipients. It will not be tried again.',
  delay: 'Your message could not be delivered to these recipients yet. You need not send it again: we keep trying.',
  success: 'Your message was handed on for these recipients.',
};

/**
 * A delivery status notification: multipart/report (RFC 6522) with a text, a message/delivery-status (RFC 3464) and the
 * header fields of the original that may be returned. US-ASCII, except where an address needs UTF-8 (RFC 6533). The same
 * input gives the same bytes.
 */
export function composeDsn(input: DsnInput): Uint8Array {
  const boundary = `=_dsn_${createHash('sha256').update(input.messageId).digest('hex').slice(0, 32)}`;
  const status = deliveryStatus(input);
  const returned = returnedHeader(input.original);
  const text = Buffer.from(humanText(input));
  return Buffer.concat([
    ownHeader(input, 'Mail Delivery System', SUBJECT[input.type], 'auto-replied'),
    formatField('Content-Type', `multipart/report; report-type=delivery-status; boundary="${boundary}"`),
    encodingField(status, returned, text),
    Buffer.from('\r\nThis is a delivery status notification in MIME format.\r\n'),
    part(boundary, [`text/plain; charset=${isAscii(text) ? 'us-ascii' : 'utf-8'}`, 'Notification'], text),
    part(boundary, [isAscii(status) ? 'message/delivery-status' : 'message/global-delivery-status', 'Report'], status),
    part(boundary, [isAscii(returned) ? 'text/rfc822-headers' : 'message/global-headers', 'Original header'], returned),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

function part(boundary: string, [type, description]: readonly [string, string], content: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`\r\n--${boundary}\r\n`),
    formatField('Content-Type', type),
    formatField('Content-Description', description),
    encodingField(content),
    Buffer.from('\r\n'),
    content,
  ]);
}

/** 8bit only where there are such bytes. */
function encodingField(...contents: readonly Buffer[]): Buffer {
  return contents.every(isAscii) ? Buffer.alloc(0) : formatField('Content-Transfer-Encoding', '8bit');
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function humanText({ type, reportingMta, recipients }: DsnInput): string {
  const lines = recipients.map(({ address, status, reply, retryUntil }) => {
    const until =
      type === 'delay' && retryUntil !== undefined ? `\r\n    We try until ${formatRfcDate(retryUntil)}.` : '';
    return `  <${cleanText(address)}>\r\n    ${plainLine(`${status} ${reply.startsWith(status) ? reply.slice(status.length) : reply}`)}${until}\r\n`;
  });
  return `This is the mail system at ${plainLine(reportingMta)}.\r\n\r\n${TEXT[type]}\r\n\r\n${lines.join('\r\n')}`;
}

/** RFC 3464 section 2: the fields of the message, then those of each recipient, with empty lines between them. */
function deliveryStatus(input: DsnInput): Buffer {
  const perMessage = [
    ...(input.envid === null ? [] : [formatField('Original-Envelope-Id', decodeXtext(input.envid))]),
    formatField('Reporting-MTA', `dns; ${input.reportingMta}`),
    formatField('Arrival-Date', formatRfcDate(input.arrivedAt)),
  ];
  const groups = input.recipients.map((recipient) => Buffer.concat([CRLF, ...recipientFields(input.type, recipient)]));
  return Buffer.concat([...perMessage, ...groups]);
}

const CRLF = Buffer.from('\r\n');

function recipientFields(type: DsnType, recipient: DsnRecipient): Buffer[] {
  const { address, orcpt, reply, remoteMta, lastAttemptAt, retryUntil } = recipient;
  const action = { failure: 'failed', delay: 'delayed', success: recipient.action ?? 'relayed' }[type];
  const addressType = /^[\x00-\x7f]*$/.test(address) ? 'rfc822' : 'utf-8';
  const diagnosticType = /^[245]\d\d\b/.test(reply) ? 'smtp' : 'x-sealflow';
  return [
    ...(orcpt === null ? [] : [formatField('Original-Recipient', originalRecipient(orcpt))]),
    formatRawField('Final-Recipient', `${addressType}; ${address}`),
    formatField('Action', action),
    formatField('Status', plainLine(recipient.status, 20)),
    ...(remoteMta === undefined ? [] : [formatField('Remote-MTA', `dns; ${remoteMta}`)]),
    ...(reply === '' ? [] : [formatField('Diagnostic-Code', `${diagnosticType}; ${plainLine(reply)}`)]),
    ...(lastAttemptAt === undefined ? [] : [formatField('Last-Attempt-Date', formatRfcDate(lastAttemptAt))]),
    ...(type !== 'delay' || retryUntil === undefined
      ? []
      : [formatField('Will-Retry-Until', formatRfcDate(retryUntil))]),
  ];
}

/** `type;address` with the address out of xtext; the `utf-8` type has an encoding of its own (RFC 6533 section 3). */
function originalRecipient(orcpt: string): string {
  const semicolon = orcpt.indexOf(';');
  if (semicolon < 0) return `rfc822; ${decodeXtext(orcpt)}`;
  const type = orcpt.slice(0, semicolon);
  const address = orcpt.slice(semicolon + 1);
  return `${type}; ${type.toLowerCase() === 'utf-8' ? address : decodeXtext(address)}`;
}

/** RFC 3461 section 4: `+` and two hexadecimal digits stand for a character. */
function decodeXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function returnedHeader({ messageId, date, from, to, subject }: ReturnedHeader): Buffer {
  const plain = (name: string, value: string | null): Buffer[] => (value === null ? [] : [formatField(name, value)]);
  const addresses = (name: string, value: string | null): Buffer[] => {
    if (value === null) return [];
    const mailboxes = parseAddresses(cleanText(value), defaultMailLimits.addressesMax);
    return [formatRawField(name, mailboxes.map(formatMailbox).join(', '))];
  };
  return Buffer.concat([
    ...plain('Message-ID', messageId),
    ...plain('Date', date),
    ...addresses('From', from),
    ...addresses('To', to),
    ...plain('Subject', subject),
  ]);
}
