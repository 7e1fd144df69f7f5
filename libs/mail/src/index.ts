export { addressesOfHeader } from './address/addresses-of-header.js';
export { MailError, mailErrorCodes, type MailErrorCode } from './errors.js';
export { applyEdits, type HeaderEditLike } from './header/apply-edits.js';
export { entityHeader } from './header/entity-header.js';
export { HeaderBlock } from './header/header-block.js';
export { headerDigest } from './header/header-digest.js';
export { hideSubject } from './header/hide-subject.js';
export type { HeaderField } from './header/raw-fields.js';
export { splitMessage, type SplitMessage } from './header/split-message.js';
export { canonicalizeLineEnds } from './line-ends.js';
export { parseMail } from './parse-mail.js';
export {
  defaultMailLimits,
  type Attachment,
  type HeaderValue,
  type Mailbox,
  type MailLimits,
  type MailWants,
  type MessageType,
  type ParsedMail,
} from './parsed-mail.js';
export {
  composeDsn,
  type DsnInput,
  type DsnRecipient,
  type DsnType,
  type ReturnedHeader,
} from './report/compose-dsn.js';
export {
  composeAuditNotice,
  composeNotice,
  type AuditNoticeInput,
  type HeldRecipient,
  type NoticeInput,
} from './report/compose-notice.js';
export { formatRfcDate } from './report/rfc-date.js';
