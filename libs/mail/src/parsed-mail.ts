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
  /** `null` where nobody wanted it. */
  readonly contents: AttachmentContents | null;
  /** SHA-256 in hex of it and of the files in it that were read, where wanted; none of a message that was walked in place. */
  readonly hashes: readonly string[];
}

/** What was found in an attachment, and in the files that lie in it. */
export interface AttachmentContents {
  /** A program, by its first bytes or its name. */
  readonly isExecutable: boolean;
  readonly isPasswordProtected: boolean;
  /** Something in it could not be looked into: it is encrypted, damaged, an archive that nobody here opens, of no known type. */
  readonly isUnscannable: boolean;
  /** Not all of it was looked into, because of a limit. */
  readonly limitExceeded: boolean;
  /** Names of files in archives, without their folders. */
  readonly memberNames: readonly string[];
  /** Of these names, each once, as those of attachments. */
  readonly memberExtensions: readonly string[];
  /** Media types that the content of such files tells, each once. */
  readonly memberTypes: readonly string[];
}

/** What is read of a message only for who wants it, since it takes time or memory. */
export interface MailWants {
  /** What lies in archives and what is encrypted: `Attachment.contents`. */
  readonly contents: boolean;
  readonly hashes: boolean;
  readonly links: boolean;
}

export const EVERYTHING: MailWants = { contents: true, hashes: true, links: true };

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
  /** Labels that text parts and encoded words of the header say, in lower case, each once; or why there are too many. */
  readonly charsets: readonly string[] | MailErrorCode;
  /** Where text and HTML lead; or why it is not known; `null` where nobody wanted it. */
  readonly links: { readonly domains: readonly string[]; readonly count: number } | MailErrorCode | null;
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
  /** Different links that are looked at. */
  readonly linksMax: number;
  /** Different labels of charsets. */
  readonly charsetsMax: number;
  /** Bytes of attachments, and of archives in them, that are held at a time to be looked into. */
  readonly heldSizeBytesMax: number;
  /** Files in archives. */
  readonly membersMax: number;
  /** Archives within archives: 1 is a file in an attachment. */
  readonly archiveDepthMax: number;
  /** Bytes that come out of compressed files, together. */
  readonly inflatedSizeBytesMax: number;
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
  linksMax: 10_000,
  charsetsMax: 1_000,
  heldSizeBytesMax: 40 << 20,
  membersMax: 10_000,
  archiveDepthMax: 5,
  inflatedSizeBytesMax: 200_000_000,
};
