import type { MailErrorCode } from './errors.js';

/**
 * One mailbox of an address header (RFC 5322 section 3.4). The address is in the form of `normalizeAddress`; as written, in
 * lower case, if it is none that may stand in a path; '' if there is none. The display name is decoded.
 */
export interface Mailbox {
  readonly address: string;
  readonly displayName: string;
}

/** A decoded header field: RFC 2047 and 2231 decoded, unfolded. Names compare case-insensitively. */
export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

/** What is known of a leaf part that is not, or not only, text of the message. Inline images count; nested messages count as one part and are walked too. */
export interface Attachment {
  /** Decoded file names: none, one, or two where the message says two, of which programs show one or the other. */
  readonly names: readonly string[];
  /** Of each name that has one, lower case without the dot, each once. */
  readonly extensions: readonly string[];
  /** Media type from the content (magic bytes), else the declared one, lower case. */
  readonly type: string;
  /** Decoded size in bytes. */
  readonly sizeBytes: number;
  readonly isInline: boolean;
}

export type MessageType =
  | 'automaticReply'
  | 'autoForward'
  | 'encrypted'
  | 'signed'
  | 'calendaring'
  | 'voicemail'
  | 'readReceipt'
  | 'dsn'
  | 'approvalRequest'
  | 'rightsProtected'
  | 'bulk';

/** What the line needs to know of a message. Plain data: it crosses threads by structured clone. */
export interface ParsedMail {
  readonly headers: readonly HeaderValue[];
  readonly subject: string | undefined;
  readonly from: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly messageId: string | undefined;
  readonly date: string | undefined;
  /** The text of all text parts in reading order, attached ones included, of HTML with hidden text too. */
  readonly body: string;
  /** Why `body`, `attachments` or `types` may not be all that recipients see; none as a rule. */
  readonly gaps: readonly MailErrorCode[];
  /** Names of header fields, in lower case, with text in a charset that cannot be told: what stands there is a guess. */
  readonly unreadableFields: readonly string[];
  readonly attachments: readonly Attachment[];
  /** The same of the names of attachments. */
  readonly hasUnreadableNames: boolean;
  readonly types: readonly MessageType[];
  readonly importance: 'low' | 'normal' | 'high';
  /** Header block with the empty line that ends it, in bytes. */
  readonly headerSizeBytes: number;
  readonly sizeBytes: number;
  /** SHA-256 of everything behind the header block, hex. */
  readonly bodySha256: string;
  /** Of `headerDigest`: what the header says of the content. */
  readonly headerSha256: string;
  /** The header has lines that are no fields, a mailbox separator at its top apart; `body` has them too. */
  readonly hasStrayLines: boolean;
  readonly receivedCount: number;
  /** Values of `X-Sealflow-Loop`, as written and unfolded, top first. */
  readonly loopMarks: readonly string[];
  /** `X-Sealflow-Id` values, top first. */
  readonly loopIds: readonly string[];
  readonly has8bit: boolean;
}

/** Limits of parsing. Each one that is exceeded is a {@link MailError} naming it. */
export interface MailLimits {
  readonly headerSizeBytesMax: number;
  readonly headerFieldsMax: number;
  readonly depthMax: number;
  readonly partsMax: number;
  /** The message's own text kept for rules, in characters, over all its parts. */
  readonly textCharsMax: number;
  /** The same of attached texts and messages; a text over it is left out, rather than an error. */
  readonly attachedTextCharsMax: number;
  /** Decoded bytes over all parts. */
  readonly decodedSizeBytesMax: number;
  readonly addressesMax: number;
}

export const defaultMailLimits: MailLimits = {
  headerSizeBytesMax: 1 << 20,
  headerFieldsMax: 2_000,
  depthMax: 64,
  partsMax: 2_000,
  textCharsMax: 5_000_000,
  attachedTextCharsMax: 5_000_000,
  decodedSizeBytesMax: 200_000_000,
  addressesMax: 10_000,
};
