/** How values of a fact are compared: text with folding, addresses and domains in their normal form. */
export type FactType = 'text' | 'address' | 'domain' | 'ip' | 'number' | 'boolean';

/** Parameters that a condition on a fact may have, besides `caseSensitive`. */
export type FactParam = 'name' | 'from';

export interface FactSpec {
  readonly type: FactType;
  readonly isList: boolean;
  /** A condition on it is about one recipient: asked for each, explained for each. */
  readonly isOfRecipient: boolean;
  /** Rules may change it for later rules. */
  readonly isWritable: boolean;
  readonly params?: readonly FactParam[];
  /** What its texts are names of; of managers the directory is not asked what more they are. */
  readonly holds?: 'groups' | 'managers' | 'relations';
  /** The only values it can have; comparing with another could never be true. */
  readonly values?: readonly string[];
  /** The whole numbers that it can be; comparing with others could never change. */
  readonly range?: { readonly min: number; readonly max: number };
  /** Its values are days like `2026-11-25`. */
  readonly isDate?: true;
  /** No value of it has a dot. */
  readonly isWithoutDot?: true;
}

/** Monday first, as the calendar of ISO 8601 has them. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const message = { isList: false, isOfRecipient: false, isWritable: false } as const;
const list = { ...message, isList: true } as const;
const recipient = { ...message, isOfRecipient: true } as const;
const written = { isWritable: true } as const;

/** Every fact of the language, by name (docs/rules.md has a section for each). */
export const FACTS = {
  subject: { ...message, ...written, type: 'text' },
  body: { ...message, type: 'text' },
  subjectOrBody: { ...list, ...written, type: 'text' },
  header: { ...list, ...written, type: 'text', params: ['name'] },
  'sender.address': { ...message, type: 'address', params: ['from'] },
  'sender.domain': { ...message, type: 'domain', params: ['from'] },
  'sender.displayName': { ...message, type: 'text', params: ['from'] },
  'sender.scope': { ...message, type: 'text', params: ['from'], values: ['internal', 'external'] },
  'sender.isAuthenticated': { ...message, type: 'boolean' },
  'sender.ip': { ...message, type: 'ip' },
  'sender.groups': { ...list, type: 'text', params: ['from'], holds: 'groups' },
  'sender.manager': { ...message, type: 'address', params: ['from'], holds: 'managers' },
  'sender.attribute': { ...list, type: 'text', params: ['name', 'from'] },
  'sender.canEncrypt': { ...message, type: 'boolean', params: ['from'] },
  'recipient.address': { ...recipient, type: 'address' },
  'recipient.domain': { ...recipient, type: 'domain' },
  'recipient.displayName': { ...recipient, type: 'text' },
  'recipient.scope': { ...recipient, type: 'text', values: ['internal', 'external', 'partner'] },
  'recipient.in': { ...recipient, ...written, type: 'text', values: ['to', 'cc', 'bcc'] },
  'recipient.keys': { ...recipient, isList: true, type: 'text', values: ['smime'] },
  'recipient.groups': { ...recipient, isList: true, type: 'text', holds: 'groups' },
  'recipient.manager': { ...recipient, type: 'address', holds: 'managers' },
  'recipient.attribute': { ...recipient, isList: true, type: 'text', params: ['name'] },
  relation: { ...recipient, isList: true, type: 'text', holds: 'relations' },
  to: { ...list, ...written, type: 'address' },
  cc: { ...list, ...written, type: 'address' },
  toOrCc: { ...list, ...written, type: 'address' },
  rcptTo: { ...list, ...written, type: 'address' },
  'recipients.count': { ...message, ...written, type: 'number' },
  'recipients.externalCount': { ...message, ...written, type: 'number' },
  'message.sizeBytes': { ...message, type: 'number' },
  'message.importance': { ...message, ...written, type: 'text', values: ['low', 'normal', 'high'] },
  'message.sensitivity': {
    ...message,
    ...written,
    type: 'text',
    values: ['normal', 'personal', 'private', 'companyConfidential'],
  },
  'message.charsets': { ...list, type: 'text' },
  'message.spamScore': { ...message, ...written, type: 'number' },
  'message.classification': { ...list, ...written, type: 'text' },
  'message.type': {
    ...list,
    type: 'text',
    values: [
      'automaticReply',
      'autoForward',
      'encrypted',
      'signed',
      'calendaring',
      'voicemail',
      'readReceipt',
      'dsn',
      'approvalRequest',
      'rightsProtected',
      'bulk',
    ],
  },
  'attachment.count': { ...message, type: 'number' },
  'attachment.names': { ...list, type: 'text' },
  'attachment.extensions': { ...list, type: 'text', isWithoutDot: true },
  'attachment.types': { ...list, type: 'text' },
  'attachment.sizesBytes': { ...list, type: 'number' },
  'attachment.isExecutable': { ...message, type: 'boolean' },
  'attachment.isPasswordProtected': { ...message, type: 'boolean' },
  'attachment.isUnscannable': { ...message, type: 'boolean' },
  'attachment.limitExceeded': { ...message, type: 'boolean' },
  'attachment.hashes': { ...list, type: 'text' },
  'link.domains': { ...list, type: 'domain' },
  'link.count': { ...message, type: 'number' },
  'time.hour': { ...message, type: 'number', range: { min: 0, max: 23 } },
  'time.weekday': { ...message, type: 'text', values: WEEKDAYS },
  'time.date': { ...message, type: 'text', isDate: true },
} as const satisfies Record<string, FactSpec>;

export type FactName = keyof typeof FACTS;

export function isFactName(name: string): name is FactName {
  return Object.hasOwn(FACTS, name);
}

/** The spec of a fact, wide enough to ask any of its properties. */
export function factSpec(name: FactName): FactSpec {
  return FACTS[name];
}
