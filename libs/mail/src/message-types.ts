import type { HeaderBlock } from './header/header-block.js';
import type { SeenPart } from './mime/mail-collector.js';
import type { MessageType } from './parsed-mail.js';

/** `true` if a value of the field matches. */
type Field = (name: string, pattern: RegExp) => boolean;

const PKCS7_MIME = /^application\/(?:x-)?pkcs7-mime$/;

/** What kind of message it is, from its header and its own parts; nested messages do not count. In a fixed order. */
export function messageTypes(header: HeaderBlock, seen: readonly SeenPart[]): MessageType[] {
  const field: Field = (name, pattern) => header.getRaw(name).some((value) => pattern.test(value));
  const root = seen[0]?.part;
  const report = root?.type === 'multipart/report' ? (root.parameters.get('report-type') ?? '').toLowerCase() : '';
  const hasPart = (pattern: RegExp): boolean => seen.some(({ part }) => pattern.test(part.type));
  const smime = new Set(seen.filter(({ part }) => PKCS7_MIME.test(part.type)).map(smimeKind));
  const is: Record<MessageType, boolean> = {
    // A report is a reply of a program too, but not what people mean by it.
    automaticReply: report === '' && isAutomaticReply(field),
    autoForward: isAutoForward(field),
    encrypted: smime.has('encrypted') || hasPart(/^multipart\/encrypted$/),
    signed: smime.has('signed') || hasPart(/^multipart\/signed$/),
    calendaring: hasPart(/^(?:text\/calendar|application\/ics)$/) || field('Content-Class', /calendarmessage/i),
    voicemail:
      hasPart(/^multipart\/voice-message$/) ||
      field('Message-Context', /^voice-message/i) ||
      field('Content-Class', /^(?:voice|urn:content-classes:voice|missedcall)/i),
    readReceipt: report === 'disposition-notification' || hasPart(/^message\/(?:global-)?disposition-notification$/),
    dsn: report === 'delivery-status' || hasPart(/^message\/(?:global-)?delivery-status$/),
    approvalRequest:
      header.has('X-MS-Exchange-Organization-Approval-Initiator') || field('Content-Class', /approval\.request/i),
    rightsProtected:
      hasPart(/^application\/x-microsoft-rpmsg-message$/) ||
      field('Content-Class', /^rpmsg\.message/i) ||
      seen.some(({ part }) => /\.rpmsg$/i.test(part.name)),
    bulk: field('Precedence', /^(?:bulk|list|junk)\b/i) || header.has('List-Id') || header.has('List-Unsubscribe'),
  };
  return (Object.keys(is) as MessageType[]).filter((type) => is[type]);
}

/** RFC 3834, and what programs wrote before and beside it. */
function isAutomaticReply(field: Field): boolean {
  return (
    field('Auto-Submitted', /^auto-replied/i) ||
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
    field('X-MS-Exchange-Inbox-Rules-Loop', /./)
  );
}

/** RFC 8551 section 3.2: by `smime-type`, else by the content type in the first bytes, else by what is usual. */
function smimeKind({ part, attachment }: SeenPart): 'encrypted' | 'signed' | 'other' {
  const said = (part.parameters.get('smime-type') ?? '').toLowerCase();
  const oid = Buffer.from(attachment?.sample.subarray(0, 40) ?? []).toString('hex');
  // id-envelopedData 1.2.840.113549.1.7.3, id-ct-authEnvelopedData 1.2.840.113549.1.9.16.1.23, id-signedData …1.7.2
  if (oid.includes('06092a864886f70d010703') || oid.includes('060b2a864886f70d0109100117')) return 'encrypted';
  if (oid.includes('06092a864886f70d010702')) return 'signed';
  if (said.startsWith('signed') || said === 'certs-only') return said === 'certs-only' ? 'other' : 'signed';
  if (said === 'compressed-data') return 'other';
  return 'encrypted';
}
