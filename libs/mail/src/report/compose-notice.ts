import { cleanText, formatField } from '../header/format-field.js';
import { ownHeader, plainLine, type OwnMessage } from './own-header.js';

export interface HeldRecipient {
  /** `null` if the message as a whole is held. */
  readonly address: string | null;
  /** The code of the hold, with a heading in docs/errors.md. */
  readonly code: string;
  /** One sentence: what to do about it. */
  readonly advice: string;
}

/** A rule on trial that would have acted. */
export interface AuditNoticeInput extends OwnMessage {
  /** Our id of the message. */
  readonly auditedId: string;
  /** As people call it. */
  readonly ruleName: string;
  readonly recipients: readonly string[];
}

export interface NoticeInput extends OwnMessage {
  /** Our id of the held message. */
  readonly heldId: string;
  readonly held: readonly HeldRecipient[];
  /** Where the message can be looked at, if there is such a place. */
  readonly link: string | null;
}

/**
 * Tells the postmaster of held mail: our id, the recipients, the codes and what to do; never anything of the content, the
 * subject included. The same input gives the same bytes.
 */
export function composeNotice(input: NoticeInput): Uint8Array {
  const codes = [...new Set(input.held.map(({ code }) => code))];
  const subject = `Held mail: ${codes.slice(0, 3).join(', ')}${codes.length > 3 ? ', ...' : ''}`;
  return plainNotice(input, subject, noticeText(input));
}

/** Tells the postmaster that a rule in the mode `auditAndNotify` would have acted: which, on what, for whom; no content. */
export function composeAuditNotice(input: AuditNoticeInput): Uint8Array {
  const { auditedId, ruleName, recipients } = input;
  const lines = [
    `The rule "${plainLine(ruleName)}" is on trial (auditAndNotify). It would have acted on message`,
    `${plainLine(auditedId)} for these recipients; nothing was changed by it:`,
    '',
    ...recipients.map((address) => `  <${cleanText(address)}>`),
    '',
  ];
  return plainNotice(input, 'A rule on trial would have acted', lines.join('\r\n'));
}

function plainNotice(message: OwnMessage, subject: string, content: string): Uint8Array {
  const text = Buffer.from(content);
  const isAscii = text.every((byte) => byte < 0x80);
  return Buffer.concat([
    ownHeader(message, 'Sealflow', subject, 'auto-generated'),
    formatField('Content-Type', `text/plain; charset=${isAscii ? 'us-ascii' : 'utf-8'}`),
    formatField('Content-Transfer-Encoding', isAscii ? '7bit' : '8bit'),
    Buffer.from('\r\n'),
    text,
  ]);
}

function noticeText({ heldId, held, link }: NoticeInput): string {
  const lines = held.flatMap(({ address, code, advice }) => [
    `  ${address === null ? 'all recipients' : `<${cleanText(address)}>`}`,
    `    ${plainLine(code)}: ${plainLine(advice)}`,
    '',
  ]);
  return [
    `Message ${plainLine(heldId)} is held. Nothing of it has left for these recipients:`,
    '',
    ...lines,
    ...(link === null ? [] : [plainLine(link), '']),
    'What was held for a missing key goes by itself once the key is there.',
    '',
  ].join('\r\n');
}
