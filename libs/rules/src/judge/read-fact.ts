import type { FactRead } from '../language/fact-read.js';
import type { FactSpec } from '../language/facts.js';
import type { Scalar } from '../language/targets.js';
import type { FactError, FactRecord, FactValue, RuleSettings, SenderFacts } from '../types.js';
import { headerOf, importanceOf, subjectOf, unreadableField } from './changed-header.js';
import { classificationOf, sensitivityOf, spamScoreOf, timeOf } from './changed-markings.js';
import { directoryFact, entryOf } from './directory-facts.js';
import type { Look } from './look.js';
import { relationsOf } from './relations.js';

/** A fact as a list of what it has: nothing for `undefined`, or the error that it could not be had with. */
export type Elements = { readonly items: readonly Scalar[] } | FactError;

/** A recipient as facts see it, of the envelope or added. */
export interface JudgedRecipient {
  readonly address: string;
  readonly domain: string;
  readonly displayName: string | undefined;
  /** Where it stood when the message came, or when it was added. */
  readonly in: 'to' | 'cc' | 'bcc';
  readonly keys: readonly string[];
}

export interface FactContext {
  readonly record: FactRecord;
  readonly settings: RuleSettings;
  readonly look: Look;
  readonly recipient: JudgedRecipient;
}

/** Display names are those of the message as it came. */
const UNCHANGED: Pick<Look, 'edits'> = { edits: [] };
const FACT_INVALID: FactError = { errorCode: 'ERR_FACT_INVALID' };

/** The value of a leaf's fact for one recipient of one branch. */
export function readFact(leaf: FactRead, context: FactContext): Elements {
  const value = valueOf(leaf, context);
  if (isError(value)) return value;
  const items: readonly Scalar[] = value === undefined ? [] : isList(value) ? value : [value];
  return items.every((item) => typeof item === scalarOf(leaf.spec)) ? { items } : FACT_INVALID;
}

function valueOf(leaf: FactRead, context: FactContext): FactValue | FactError {
  const { record, look, recipient, settings } = context;
  switch (leaf.fact) {
    case 'subject':
      return subjectOf(record, look);
    case 'subjectOrBody':
      return joined(subjectOf(record, look), record.message['body']);
    case 'header':
      return unreadableField(record, look, leaf.name) ?? headerOf(record, look, leaf.name);
    case 'sender.address':
      return known(senders(leaf, record).map((sender) => sender?.address));
    case 'sender.domain':
      return known(senders(leaf, record).map((sender) => sender?.domain));
    case 'sender.displayName':
      return (
        (leaf.from === 'envelope' ? undefined : unreadableField(record, UNCHANGED, 'from')) ??
        known(senders(leaf, record).map((sender) => sender?.displayName))
      );
    case 'sender.scope':
      return senders(leaf, record).map((sender) => senderScope(sender, record, settings));
    case 'sender.isAuthenticated':
      return record.isAuthenticated;
    case 'sender.ip':
      return record.ip ?? undefined;
    case 'sender.groups':
    case 'sender.manager':
    case 'sender.attribute':
    case 'sender.canEncrypt':
      return directoryFact(
        leaf,
        senders(leaf, record).map((sender) => entryOf(record, sender?.address)),
      );
    case 'recipient.address':
      return recipient.address;
    case 'recipient.domain':
      return recipient.domain;
    case 'recipient.displayName':
      return (
        (recipient.displayName === undefined ? undefined : unreadableField(record, UNCHANGED, recipient.in)) ??
        recipient.displayName
      );
    case 'recipient.scope':
      return recipientScope(recipient.domain, settings);
    case 'recipient.in':
      return placeOf(recipient, look);
    case 'recipient.keys':
      return recipient.keys;
    case 'recipient.groups':
    case 'recipient.manager':
    case 'recipient.attribute':
      return directoryFact(leaf, [entryOf(record, recipient.address)]);
    case 'relation':
      return relationsOf(
        leaf.relations,
        record.headerFrom.map(({ address }) => ({ address, entry: entryOf(record, address) })),
        { address: recipient.address, entry: entryOf(record, recipient.address) },
      );
    case 'to':
    case 'cc':
      return addressesIn(record, look, leaf.fact);
    case 'toOrCc':
      return joined(addressesIn(record, look, 'to'), addressesIn(record, look, 'cc'));
    case 'rcptTo':
      return envelopeOf(record, look);
    case 'recipients.count':
      return envelopeOf(record, look).length;
    case 'recipients.externalCount':
      return envelopeOf(record, look).filter((address) => isOutside(address, settings)).length;
    case 'message.importance':
      return importanceOf(record, look);
    case 'message.sensitivity':
      return sensitivityOf(record, look);
    case 'message.spamScore':
      return spamScoreOf(record, look);
    case 'message.classification':
      return classificationOf(record, look, isFromInside(record, settings));
    case 'time.hour':
    case 'time.weekday':
    case 'time.date': {
      const time = timeOf(record.receivedAt, settings.timeZone);
      return 'errorCode' in time ? time : time[TIME_PARTS[leaf.fact]];
    }
    default:
      return record.message[leaf.fact];
  }
}

const TIME_PARTS = { 'time.hour': 'hour', 'time.weekday': 'weekday', 'time.date': 'date' } as const;

/** All whom From and MAIL FROM name are of the organization, over a connection that may speak for it. */
function isFromInside(record: FactRecord, settings: RuleSettings): boolean {
  const named = [...record.headerFrom, record.envelopeFrom];
  return record.headerFrom.length > 0 && named.every((one) => senderScope(one, record, settings) === 'internal');
}

/** `internal` needs an accepted domain and a connection that may speak for it. */
function senderScope(sender: SenderFacts | null, record: FactRecord, settings: RuleSettings): string {
  const isOurs = sender?.domain !== undefined && settings.acceptedDomains.includes(sender.domain);
  return isOurs && record.isAuthenticated ? 'internal' : 'external';
}

export function recipientScope(domain: string, settings: RuleSettings): 'internal' | 'external' | 'partner' {
  if (settings.acceptedDomains.includes(domain)) return 'internal';
  return settings.partnerDomains.includes(domain) ? 'partner' : 'external';
}

function isOutside(address: string, settings: RuleSettings): boolean {
  return recipientScope(address.slice(address.lastIndexOf('@') + 1), settings) !== 'internal';
}

/** Where the header of a copy shows its recipient, with what rules added to it. */
export function placeOf({ address, in: place }: JudgedRecipient, { edits }: Pick<Look, 'edits'>): 'to' | 'cc' | 'bcc' {
  const isAdded = (field: 'to' | 'cc'): boolean =>
    edits.some((edit) => edit.type === 'addAddress' && edit.field === field && edit.address === address);
  if (place === 'to' || isAdded('to')) return 'to';
  return place === 'cc' || isAdded('cc') ? 'cc' : 'bcc';
}

/** The envelope of a branch: those redirected away are gone, those added are in. */
function envelopeOf(record: FactRecord, look: Look): readonly string[] {
  const stay = record.recipients.map((one) => one.address).filter((address) => !look.removed.includes(address));
  return [...stay, ...look.added.map((one) => one.address)];
}

/** Addresses of a header field, with those that rules added to it. */
export function addressesIn(record: FactRecord, look: Pick<Look, 'edits'>, field: 'to' | 'cc'): FactValue | FactError {
  const added = look.edits.flatMap((edit) =>
    edit.type === 'addAddress' && edit.field === field ? [edit.address] : [],
  );
  return joined(record.message[field], added);
}

/** Two facts as one list; an error of either is an error of both. */
function joined(first: FactValue | FactError, second: FactValue | FactError): FactValue | FactError {
  if (isError(first)) return first;
  if (isError(second)) return second;
  return [...asList(first), ...asList(second)] as readonly string[];
}

function asList(value: FactValue): readonly Scalar[] {
  return value === undefined ? [] : isList(value) ? value : [value];
}

/** All whom a place names, any of whom a recipient's program may show; `null` where it names nobody. */
function senders(
  { from }: Pick<FactRead, 'from'>,
  { headerFrom, envelopeFrom }: FactRecord,
): readonly (SenderFacts | null)[] {
  if (from === 'envelope') return [envelopeFrom];
  const written = headerFrom.length === 0 ? [null] : headerFrom;
  return from === 'either' ? [...written, envelopeFrom] : written;
}

function known(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}

function scalarOf(spec: FactSpec): 'string' | 'number' | 'boolean' {
  return spec.type === 'number' || spec.type === 'boolean' ? spec.type : 'string';
}

function isList(value: FactValue): value is Extract<FactValue, readonly unknown[]> {
  return Array.isArray(value);
}

function isError(value: FactValue | FactError): value is FactError {
  return typeof value === 'object' && 'errorCode' in value;
}
