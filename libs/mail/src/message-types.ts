import type { HeaderBlock } from './header/header-block.js';
import type { SeenPart } from './mime/mail-collector.js';
import type { MessageType } from './parsed-mail.js';
import { smimeKind } from './smime-kind.js';

/** `true` if a value of the field matches. */
type Field = (name: string, pattern: RegExp) => boolean;

/**
 * What kind of message it is, from its header and its own parts; nested messages do not count. In a fixed order.
 * `encrypted`, `signed` and `rightsProtected` mean the whole message: what is attached to clear text makes it none.
 */
export function messageTypes(header: HeaderBlock, seen: readonly SeenPart[]): MessageType[] {
  const field: Field = (name, pattern) => header.getRaw(name).some((value) => pattern.test(value));
  const root = seen[0]?.part;
  const report = root?.type === 'multipart/report' ? (root.parameters.get('report-type') ?? '').toLowerCase() : '';
  const hasPart = (pattern: RegExp): boolean => seen.some(({ part }) => pattern.test(part.type));
  const is: Record<MessageType, boolean> = {
    // A report is a reply of a program too, but not what people mean by it.
    automaticReply: report === '' && isAutomaticReply(field),
    autoForward: isAutoForward(field),
    encrypted: isEncrypted(seen) || (isSignedMultipart(seen) && isEncrypted(seen.slice(1))),
    signed: isSignedMultipart(seen) || (seen[0] !== undefined && smimeKind(seen[0]) === 'signed'),
    calendaring: hasPart(/^(?:text\/calendar|application\/ics)$/) || field('Content-Class', /calendarmessage/i),
    voicemail:
      hasPart(/^multipart\/voice-message$/) ||
      field('Message-Context', /^voice-message/i) ||
      field('Content-Class', /^(?:voice|urn:content-classes:voice|missedcall)/i),
    readReceipt: report === 'disposition-notification' || hasPart(/^message\/(?:global-)?disposition-notification$/),
    dsn: report === 'delivery-status' || hasPart(/^message\/(?:global-)?delivery-status$/),
    approvalRequest:
      header.has('X-MS-Exchange-Organization-Approval-Initiator') || field('Content-Class', /approval\.request/i),
    rightsProtected: field('Content-Class', /^rpmsg\.message/i) || isRightsProtected(seen),
    bulk: field('Precedence', /^(?:bulk|list|junk)\b/i) || header.has('List-Id') || header.has('List-Unsubscribe'),
  };
  return (Object.keys(is) as MessageType[]).filter((type) => is[type]);
}

/** RFC 3834, and what programs wrote before and beside it. */
function isAutomaticReply(field: Field): boolean {
  return (
    field('Auto-Submitted', /^auto-replied/i) ||
    isExchangeReply(field) ||
    field('X-Autoreply', /^(?!no\b)./i) ||
    field('X-Autorespond', /./) ||
    field('X-Auto-Reply', /^(?!no\b)./i) ||
    field('Precedence', /^auto_reply/i)
  );
}

/** RFC 2156 `Autoforwarded`, and what Exchange writes when an inbox rule forwards. */
function isAutoForward(field: Field): boolean {
  return (
    field('Autoforwarded', /^true/i) ||
    field('Auto-Submitted', /^auto-forwarded/i) ||
    field('X-MS-Exchange-Organization-AutoForwarded', /^true/i) ||
    (field('X-MS-Exchange-Inbox-Rules-Loop', /./) && !field('Auto-Submitted', /^auto-(?:generated|replied)/i))
  );
}

/** Out-of-office and inbox rules of Exchange reply as `auto-generated`. */
function isExchangeReply(field: Field): boolean {
  const isByRules =
    field('X-MS-Exchange-Generated-Message-Source', /mailbox rules agent/i) ||
    (field('X-Auto-Response-Suppress', /./) && field('X-MS-Exchange-Inbox-Rules-Loop', /./));
  return field('Auto-Submitted', /^auto-generated/i) && isByRules;
}

/** RFC 1847 section 2.1, with something in it. */
function isSignedMultipart([root, entity]: readonly SeenPart[]): boolean {
  return root?.part.type === 'multipart/signed' && root.part.boundary !== undefined && entity !== undefined;
}

/** The first part is an encrypted entity: S/MIME, or RFC 1847 section 2.2 with nothing in it that is shown as it is. */
function isEncrypted([first, ...rest]: readonly SeenPart[]): boolean {
  if (first === undefined) return false;
  if (first.part.type !== 'multipart/encrypted') return smimeKind(first) === 'encrypted';
  return rest.length > 0 && rest.every(({ part }) => part.type.startsWith('application/'));
}

/** Microsoft's rights management: everything is in one file, beside it stands only how to open that, with pictures. */
function isRightsProtected(seen: readonly SeenPart[]): boolean {
  const files = seen.filter(({ part, attachment }) => attachment !== undefined && !part.type.startsWith('image/'));
  return files.length === 1 && files[0] !== undefined && isRpmsg(files[0]);
}

function isRpmsg({ part }: SeenPart): boolean {
  return (
    part.type === 'application/x-microsoft-rpmsg-message' ||
    part.names.some((name) => /^message(?:_v\d+)?\.rpmsg$/i.test(name))
  );
}
