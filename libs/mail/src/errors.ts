import { AppError, type ErrorKind } from '#lib/core';

/** Every code of this lib with its kind and its one public sentence; `detail.limit` names the limit where there is one. */
const CODES = {
  ERR_MAIL_HEADER_TOO_LARGE: { kind: 'invalid', publicText: 'A header of the message is larger than the limit.' },
  ERR_MAIL_TOO_MANY_FIELDS: { kind: 'invalid', publicText: 'A header of the message has more fields than the limit.' },
  ERR_MAIL_TOO_DEEP: { kind: 'invalid', publicText: 'The parts of the message are nested deeper than the limit.' },
  ERR_MAIL_TOO_MANY_PARTS: { kind: 'invalid', publicText: 'The message has more parts than the limit.' },
  ERR_MAIL_TEXT_TOO_LARGE: { kind: 'invalid', publicText: 'The text of the message is longer than the limit.' },
  ERR_MAIL_DECODED_TOO_LARGE: {
    kind: 'invalid',
    publicText: 'The decoded content of the message is larger than the limit.',
  },
  ERR_MAIL_TOO_MANY_ADDRESSES: {
    kind: 'invalid',
    publicText: 'The header of the message has more addresses than the limit.',
  },
  ERR_MAIL_TOO_MANY_LINKS: {
    kind: 'invalid',
    publicText: 'The message has more links than the limit.',
  },
  ERR_MAIL_TOO_MANY_CHARSETS: {
    kind: 'invalid',
    publicText: 'The message names more charsets than the limit.',
  },
  ERR_MAIL_ATTACHMENT_LIMIT: {
    kind: 'invalid',
    publicText: 'Not all of the attachments of the message could be looked into, because of a limit.',
  },
  ERR_MAIL_BOUNDARY_TOO_LONG: {
    kind: 'invalid',
    publicText: 'A boundary between parts of the message is longer than the limit.',
  },
  ERR_MAIL_AMBIGUOUS: {
    kind: 'invalid',
    publicText: 'The header of a part of the message can be read in two ways that show different content.',
  },
  ERR_MAIL_STRAY_LINES: {
    kind: 'invalid',
    publicText: 'The header of the message has lines that are no fields, which would leave unprotected.',
  },
  ERR_MAIL_SIGNED_UNREADABLE: {
    kind: 'invalid',
    publicText: 'The content of a signed part of the message could not be taken out.',
  },
  ERR_MAIL_PARTIAL: { kind: 'invalid', publicText: 'A part of the message is a piece of another message.' },
  ERR_CHARSET_UNKNOWN: { kind: 'invalid', publicText: 'A text of the message says a charset that is not known.' },
  ERR_FIELD_NAME_INVALID: { kind: 'invalid', publicText: 'This is not the name of a header field.' },
  ERR_FIELD_ADDRESS_INVALID: { kind: 'invalid', publicText: 'This is not an address that can stand in a header.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of this lib's codes. */
export type MailErrorCode = keyof typeof CODES;

/** An error of this lib; kind and sentence follow from the code. */
export class MailError extends AppError<MailErrorCode> {
  constructor(code: MailErrorCode, detail: Readonly<Record<string, string | number | boolean>> = {}) {
    super(code, { ...CODES[code], detail });
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const mailErrorCodes: readonly MailErrorCode[] = Object.keys(CODES) as MailErrorCode[];
