import { formatMailbox } from '../address/format-mailbox.js';
import { formatField, formatRawField } from '../header/format-field.js';
import { formatRfcDate } from './rfc-date.js';

/** What stands in the header of a message of our own. Given by the caller, so that the same input is the same bytes. */
export interface OwnMessage {
  /** With its angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** Address only; the name is ours. */
  readonly from: string;
  readonly to: string;
}

/** The header fields that our own messages have in common (RFC 3834: nobody answers them automatically). */
export function ownHeader(message: OwnMessage, name: string, subject: string, autoSubmitted: string): Buffer {
  return Buffer.concat([
    formatRawField('From', formatMailbox({ displayName: name, address: message.from })),
    formatRawField('To', formatMailbox({ displayName: '', address: message.to })),
    formatField('Subject', subject),
    formatField('Date', formatRfcDate(message.date)),
    formatField('Message-ID', message.messageId),
    formatField('Auto-Submitted', autoSubmitted),
    formatField('MIME-Version', '1.0'),
  ]);
}

/** One line of our text, in US-ASCII: what others said goes into it only so. */
export function plainLine(text: string, charsMax = 500): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, charsMax);
}
