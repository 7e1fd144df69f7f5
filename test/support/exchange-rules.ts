import { readFileSync } from 'node:fs';
import { domainOf } from '#lib/core';
import type { Action, FactRecord, LeafCondition } from '#lib/rules';

/** One mail-flow rule of Exchange, by the names of the parameters of `New-TransportRule`; those of exceptions without `ExceptIf`. */
export interface ExchangeRule {
  readonly file: string;
  readonly name: string;
  /** The file is none of rules, and must be refused whole. */
  readonly refuse?: true;
  readonly properties: Parameters;
  readonly conditions: Parameters;
  readonly exceptions: Parameters;
  readonly actions: Parameters;
}

type Parameters = Readonly<Record<string, unknown>>;
type Draft = { -readonly [Part in keyof FactRecord]: FactRecord[Part] };

/** A predicate in our language, with a message of which it is true and one of which it is not. */
export interface Question {
  readonly parameter: string;
  readonly leaf: LeafCondition;
  /** Makes it true by its value of this number. */
  readonly meet: (record: Draft, number: number) => void;
  /** Makes it false. */
  readonly miss: (record: Draft) => void;
}

/** What a rule says in our language, and by name what it says that ours cannot say yet. */
interface Told<T> {
  readonly told: readonly T[];
  readonly left: readonly string[];
}

const OUR_DOMAIN = 'contoso.example';
const OUTSIDE = 'elsewhere.example';

/** The rules of a file of JSON lines. */
export function exchangeRules(path: string): readonly ExchangeRule[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ExchangeRule);
}

/** Texts that the patterns of the corpus match, where one can be told. */
const SAMPLES: Readonly<Record<string, string>> = {
  '\\b\\d{3}-\\d{2}-\\d{4}\\b': 'is 536-22-8726, yes',
  '^\\[EXT\\]': '[EXT] Figures',
  '^public$': 'Public',
};

/** The predicates of one side of a rule. Two parameters that belong together are one predicate. */
export function questionsOf(parameters: Parameters): Told<Question> {
  const told: Question[] = [];
  const left: string[] = [];
  for (const [parameter, value] of Object.entries(parameters)) {
    if (parameter === 'HeaderContainsMessageHeader' || parameter === 'HeaderMatchesMessageHeader') continue;
    const question = questionOf(parameter, [value].flat().map(String), parameters);
    if (typeof question === 'string') left.push(`${parameter} (${question})`);
    else told.push({ parameter, ...question });
  }
  return { told, left };
}

function questionOf(
  parameter: string,
  values: readonly string[],
  all: Parameters,
): Omit<Question, 'parameter'> | string {
  const [first = ''] = values;
  const at = (n: number): string => values[n % values.length] ?? '';
  const isInside = first.toLowerCase() === 'inorganization';
  const written = (number: number): string => SAMPLES[at(number)] ?? at(number);
  const text = (fact: string, place: 'subject' | 'body', operator: string): Omit<Question, 'parameter'> | string =>
    operator === 'matches' && values.some((one) => one.includes('(?<'))
      ? 'pattern that is none of RE2'
      : {
          leaf: { fact, operator, value: values },
          meet: (record, n) => (record.message = { ...record.message, [place]: written(n) }),
          miss: (record) => (record.message = { ...record.message, [place]: 'Nothing of note' }),
        };
  const field = (name: unknown, operator: string): Omit<Question, 'parameter'> => ({
    leaf: { fact: 'header', operator, value: values, params: { name: String(name) } },
    meet: (record, n) => (record.headers = { ...record.headers, [String(name).toLowerCase()]: ['x', written(n)] }),
    miss: (record) => (record.headers = { ...record.headers, [String(name).toLowerCase()]: ['x'] }),
  });
  const from = (address: string): FactRecord['headerFrom'] => [
    { address, domain: domainOf(address), displayName: 'Somebody' },
  ];
  const sender = (leaf: LeafCondition, address: (n: number) => string): Omit<Question, 'parameter'> => ({
    leaf,
    meet: (record, n) => (record.headerFrom = from(address(n))),
    miss: (record) => (record.headerFrom = from(`nobody@${OUTSIDE}`)),
  });
  const recipient = (leaf: LeafCondition, hit: (n: number) => string, miss: string): Omit<Question, 'parameter'> => ({
    leaf,
    meet: (record, n) => (record.recipients = [recipientOf(hit(n))]),
    miss: (record) => (record.recipients = [recipientOf(miss)]),
  });
  switch (parameter) {
    case 'SubjectContainsWords':
      return text('subject', 'subject', 'containsWords');
    case 'SubjectMatchesPatterns':
      return text('subject', 'subject', 'matches');
    case 'SubjectOrBodyContainsWords':
      return text('subjectOrBody', 'body', 'containsWords');
    case 'SubjectOrBodyMatchesPatterns':
      return text('subjectOrBody', 'body', 'matches');
    case 'HeaderContainsWords':
      return field(all['HeaderContainsMessageHeader'], 'containsWords');
    case 'HeaderMatchesPatterns':
      return field(all['HeaderMatchesMessageHeader'], 'matches');
    case 'From':
      return sender({ fact: 'sender.address', operator: 'in', value: values }, at);
    case 'FromAddressContainsWords':
      // A word that begins with its @ stands behind a letter: it is a part of the text.
      return sender({ fact: 'sender.address', operator: 'containsText', value: values }, (n) => `lee${at(n)}`);
    case 'SenderDomainIs':
      return sender({ fact: 'sender.domain', operator: 'underDomain', value: values }, (n) => `lee@mail.${at(n)}`);
    case 'FromScope':
      return {
        leaf: { fact: 'sender.scope', operator: 'equal', value: isInside ? 'internal' : 'external' },
        meet: (record) => setScope(record, isInside),
        miss: (record) => setScope(record, !isInside),
      };
    case 'SentToScope': {
      const leaf = { fact: 'recipient.scope', operator: isInside ? 'equal' : 'notEqual', value: 'internal' };
      const [inside, outside] = [`ann@${OUR_DOMAIN}`, `ann@${OUTSIDE}`];
      return recipient(leaf, () => (isInside ? inside : outside), isInside ? outside : inside);
    }
    case 'RecipientDomainIs': {
      const leaf = { fact: 'recipient.domain', operator: 'underDomain', value: values };
      return recipient(leaf, (n) => `ann@mail.${at(n)}`, `ann@${OUTSIDE}`);
    }
    case 'SentTo':
      if (values.some((one) => !one.includes('@'))) return 'name of the directory';
      return recipient({ fact: 'recipient.address', operator: 'in', value: values }, at, `ann@${OUTSIDE}`);
    case 'AnyOfToCcHeader':
      return {
        leaf: { fact: 'toOrCc', operator: 'contains', value: values },
        meet: (record, n) => (record.message = { ...record.message, cc: [at(n)] }),
        miss: (record) => (record.message = { ...record.message, cc: [] }),
      };
    case 'SenderIpRanges':
      return {
        leaf: { fact: 'sender.ip', operator: 'inCidr', value: values.flatMap(networksOf) },
        meet: (record, n) => (record.ip = networksOf(at(n)).at(-1)?.split('/')[0] ?? null),
        miss: (record) => (record.ip = '203.0.113.10'),
      };
    case 'MessageSizeOver':
      return {
        leaf: { fact: 'message.sizeBytes', operator: 'greaterThanInclusive', value: Number(first) },
        meet: (record) => (record.message = { ...record.message, 'message.sizeBytes': Number(first) }),
        miss: (record) => (record.message = { ...record.message, 'message.sizeBytes': Number(first) - 1 }),
      };
    case 'AttachmentHasExecutableContent':
    case 'AttachmentIsPasswordProtected':
    case 'AttachmentIsUnsupported':
    case 'AttachmentProcessingLimitExceeded': {
      const fact = ATTACHMENT_FACTS[parameter];
      return {
        leaf: { fact, operator: 'equal', value: true },
        meet: (record) => (record.message = { ...record.message, [fact]: true }),
        miss: (record) => (record.message = { ...record.message, [fact]: false }),
      };
    }
    default:
      return LATER[parameter] ?? 'unknown';
  }
}

const ATTACHMENT_FACTS = {
  AttachmentHasExecutableContent: 'attachment.isExecutable',
  AttachmentIsPasswordProtected: 'attachment.isPasswordProtected',
  AttachmentIsUnsupported: 'attachment.isUnscannable',
  AttachmentProcessingLimitExceeded: 'attachment.limitExceeded',
} as const;

function setScope(record: Draft, isInside: boolean): void {
  record.isAuthenticated = isInside;
  const address = `lee@${isInside ? OUR_DOMAIN : OUTSIDE}`;
  if (isInside) record.headerFrom = [{ address, domain: domainOf(address), displayName: undefined }];
}

function recipientOf(address: string): FactRecord['recipients'][number] {
  return { address, displayName: undefined, in: 'to', keys: [] };
}

/** `a-b` of one /24 as its addresses; anything else is a network already. */
function networksOf(range: string): readonly string[] {
  const [from = '', to] = range.split('-');
  if (to === undefined) return [range];
  const last = (address: string): number => Number(address.split('.').at(-1));
  const net = from.slice(0, from.lastIndexOf('.'));
  return Array.from({ length: last(to) - last(from) + 1 }, (_, n) => `${net}.${last(from) + n}`);
}

/** With what comes that which the language cannot say yet. */
const LATER: Readonly<Record<string, string>> = {
  FromMemberOf: 'directory',
  BetweenMemberOf1: 'directory',
  BetweenMemberOf2: 'directory',
  AddManagerAsRecipientType: 'directory',
  MessageContainsDataClassifications: 'content',
  RemoveOME: 'decryption',
  RemoveOMEv2: 'decryption',
  RemoveRMSAttachmentEncryption: 'decryption',
  RouteMessageOutboundRequireTls: 'mail systems',
  RouteMessageOutboundConnector: 'mail systems',
  ApplyRightsProtectionCustomizationTemplate: 'portal',
  ModerateMessageByUser: 'content',
  ApplyHtmlDisclaimerLocation: 'content',
  ApplyHtmlDisclaimerText: 'content',
  ApplyHtmlDisclaimerFallbackAction: 'content',
  GenerateIncidentReport: 'content',
  IncidentReportContent: 'content',
  NotifySender: 'content',
};

/** The actions of a rule; those that belong together are one. `StopRuleProcessing` is a property of ours. */
export function actionsOf(parameters: Parameters): Told<Action> {
  const told: Action[] = [];
  const left: string[] = [];
  for (const [parameter, value] of Object.entries(parameters)) {
    if (['StopRuleProcessing', 'SetHeaderValue', 'RejectMessageEnhancedStatusCode'].includes(parameter)) continue;
    const action = actionOf(parameter, value, parameters);
    if (typeof action === 'string') left.push(`${parameter} (${action})`);
    else told.push(action);
  }
  return { told, left };
}

function actionOf(parameter: string, value: unknown, all: Parameters): Action | string {
  const text = String(value);
  const addresses = [value].flat().map(String);
  const encrypt: Action = {
    type: 'encrypt',
    method: 'auto',
    template: 'encrypt-only',
    onMissingKey: 'hold',
    subject: 'keep',
  };
  switch (parameter) {
    case 'ApplyRightsProtectionTemplate':
      return text === 'Encrypt' ? encrypt : 'portal';
    case 'ApplyOME':
      return encrypt;
    case 'PrependSubject':
      return { type: 'prependSubject', text };
    case 'SetSCL':
      return { type: 'setSpamScore', score: Number(text) };
    case 'SetHeaderName':
      return { type: 'setHeader', name: text, value: String(all['SetHeaderValue']) };
    case 'CopyTo':
      return { type: 'addRecipient', addresses, as: 'cc' };
    case 'BlindCopyTo':
      return { type: 'bcc', addresses };
    case 'RejectMessageReasonText': {
      const code = all['RejectMessageEnhancedStatusCode'];
      return { type: 'reject', text, enhancedStatusCode: typeof code === 'string' ? code : '5.7.1' };
    }
    case 'DeleteMessage':
      return { type: 'delete' };
    case 'Quarantine':
      return { type: 'quarantine' };
    case 'SetAuditSeverity':
      return { type: 'audit', severity: text.toLowerCase() as 'low' | 'medium' | 'high' };
    default:
      return LATER[parameter] ?? 'unknown';
  }
}
