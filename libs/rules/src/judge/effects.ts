import { isAddressField } from '#lib/core';
import type { Effect } from '../compile/compile-rule-set.js';
import { isGuard, SENDER_MANAGER } from '../language/actions.js';
import { markingEdits, type FieldEdit } from '../language/marking-edits.js';
import { fillMailboxes, fillPlaceholders, type Placeholder } from '../language/placeholders.js';
import type { EncryptAction, FactRecord, HeaderEdit } from '../types.js';
import { subjectLines } from './changed-header.js';
import { managersOf } from './directory-facts.js';
import { strongerOf, type Addition, type Look, type LookParts } from './look.js';
import type { People, Person } from './person.js';
import { prependSubject } from './prepend-subject.js';
import { addressesIn } from './read-fact.js';

/** A look while a rule works on it. */
type Draft = { -readonly [Part in keyof LookParts]: LookParts[Part] };

/** What a rule does to how the message looks to one recipient that it acts for. */
export interface Changed {
  readonly parts: LookParts;
  /** Recipients whom the rule names, already there or not. */
  readonly named: readonly Addition[];
  /** JSON pointers of actions that an earlier rule contradicts. */
  readonly overruled: readonly string[];
  /** The recipient's own mail goes to others instead. */
  readonly isRedirected: boolean;
}

export interface EffectContext {
  readonly record: FactRecord;
  readonly people: People;
  /** Index of the rule. */
  readonly index: number;
  /** All for whom the rule acts in this branch. */
  readonly acting: readonly Person[];
}

/**
 * Works the effects of a rule, in their order, into the look of one recipient. Endings are not effects on the look. Where
 * an earlier rule said something else the earlier one wins.
 */
export function changeLook(effects: readonly Effect[], person: Person, context: EffectContext): Changed {
  const { edits, added, removed, protection } = person.look;
  const draft: Draft = { edits, added, removed, protection };
  const named: Addition[] = [];
  const overruled: string[] = [];
  let isRedirected = false;
  const isAdded = person.origin === 'added';
  for (const { action, pointer } of effects) {
    if (!isGuard(action.type) && context.index <= person.addedBy) continue;
    switch (action.type) {
      case 'setHeader': {
        const fill = isAddressField(action.name) ? fillMailboxes : fillPlaceholders;
        const value = filled(action.value, person, draft, context.record, fill);
        if (!editHeader(draft, [{ ...action, value }])) overruled.push(pointer);
        break;
      }
      case 'removeHeader':
        if (!editHeader(draft, [action])) overruled.push(pointer);
        break;
      case 'classify':
      case 'setSpamScore':
      case 'setImportance':
        if (!editHeader(draft, markingEdits(action))) overruled.push(pointer);
        break;
      case 'replaceSubject': {
        const text = fillPlaceholders(action.text, (name) =>
          name === 'subject' ? receivedSubject(context.record) : placeholderOf(name, person, draft, context.record),
        );
        if (!replaceSubject(draft, text, context.record)) overruled.push(pointer);
        break;
      }
      case 'prependSubject':
        writeSubject(draft, filled(action.text, person, draft, context.record), context.record);
        break;
      case 'addRecipient':
      case 'bcc': {
        if (!context.acting.some(({ origin }) => origin === 'envelope')) break;
        const as = action.type === 'bcc' ? 'bcc' : action.as;
        for (const address of addressesOf(action, context)) {
          if (isAway(address, context)) overruled.push(pointer);
          else if (!addOne(draft, { address, as }, named, context)) overruled.push(pointer);
        }
        break;
      }
      case 'redirect': {
        const wanted = addressesOf(action, context);
        const targets = wanted.filter((address) => !isAway(address, context));
        const movable = context.acting.filter((one) => one.origin === 'envelope' && !one.isRedirected);
        const isMovable = movable.includes(person);
        const isContrary = person.isRedirected && !targets.every((address) => getsIt(draft, address, context));
        if (targets.length < wanted.length || isContrary) overruled.push(pointer);
        if (targets.length === 0 || movable.length === 0) break;
        const leaving = movable.map(({ address }) => address).filter((address) => !targets.includes(address));
        draft.removed = [...draft.removed, ...leaving];
        for (const address of targets) addOne(draft, { address, as: 'bcc' }, named, context);
        isRedirected = isMovable && !targets.includes(person.address);
        break;
      }
      case 'encrypt':
        if (draft.protection !== null && draft.protection.onMissingKey !== action.onMissingKey) overruled.push(pointer);
        draft.protection = strongerOf(draft.protection, protectionOf(action));
        break;
      case 'reject':
      case 'delete':
      case 'quarantine':
      case 'stop':
      case 'audit':
        break;
    }
  }
  return { parts: draft, named: isAdded ? [] : named, overruled: [...new Set(overruled)], isRedirected };
}

function protectionOf({ method, onMissingKey, subject }: EncryptAction): NonNullable<Look['protection']> {
  return { method, onMissingKey, subject };
}

/** The managers are known: a rule that names them fails where they are not. */
function addressesOf(
  { addresses }: { readonly addresses: readonly string[] },
  { record }: EffectContext,
): readonly string[] {
  if (!addresses.includes(SENDER_MANAGER)) return addresses;
  const managers = managersOf(record);
  const known = 'errorCode' in managers ? [] : managers;
  return [...new Set(addresses.flatMap((one) => (one === SENDER_MANAGER ? known : [one])))];
}

/** An earlier rule sent this recipient's mail to others; it gets nothing, whoever adds it. */
function isAway(address: string, { people }: EffectContext): boolean {
  return people.find(address)?.isRedirected === true;
}

/** Whether an address gets the message anyway. */
function getsIt({ added }: Draft, address: string, { people }: EffectContext): boolean {
  return people.find(address)?.origin === 'envelope' || added.some((one) => one.address === address);
}

/** All of the edits or, if an earlier rule wants one of their fields otherwise, none of them: then `false`. */
function editHeader(draft: Draft, edits: readonly FieldEdit[]): boolean {
  const fresh: FieldEdit[] = [];
  for (const edit of edits) {
    const earlier = draft.edits.find((one) => 'name' in one && one.name.toLowerCase() === edit.name.toLowerCase());
    if (earlier === undefined) fresh.push(edit);
    else if (earlier.type !== edit.type || valueOf(earlier) !== valueOf(edit)) return false;
  }
  if (fresh.length > 0) draft.edits = [...draft.edits, ...fresh];
  return true;
}

function valueOf(edit: HeaderEdit): string | undefined {
  return edit.type === 'setHeader' ? edit.value : undefined;
}

/** The subject as it came: of several lines the first. */
function receivedSubject(record: FactRecord): string {
  return subjectLines(record, { edits: [] })[0] ?? '';
}

/** Puts a text in the place of the received subject, behind what earlier rules put before that. `false` if one did so otherwise. */
function replaceSubject(draft: Draft, replacement: string, record: FactRecord): boolean {
  const earlier = draft.edits.find((edit) => edit.type === 'setSubject');
  if (earlier?.replacement !== undefined) return earlier.replacement === replacement;
  const before =
    earlier === undefined ? '' : earlier.text.slice(0, earlier.text.length - receivedSubject(record).length);
  const others = draft.edits.filter((edit) => edit.type !== 'setSubject');
  draft.edits = [...others, { type: 'setSubject', text: before + replacement, replacement }];
  return true;
}

function writeSubject(draft: Draft, tag: string, record: FactRecord): void {
  const lines = subjectLines(record, draft);
  const [first = ''] = lines;
  // One line takes the place of all, so that no program shows one without the text.
  if (lines.length > 0 && lines.every((line) => prependSubject(tag, line) === line)) return;
  const text = prependSubject(tag, first);
  const earlier = draft.edits.find((edit) => edit.type === 'setSubject');
  const others = draft.edits.filter((edit) => edit.type !== 'setSubject');
  const kept = earlier?.replacement === undefined ? {} : { replacement: earlier.replacement };
  draft.edits = [...others, { type: 'setSubject', text, ...kept }];
}

/** `false` if an earlier rule added the address in another place. */
function addOne(draft: Draft, addition: Addition, named: Addition[], { record, people }: EffectContext): boolean {
  const { address, as } = addition;
  named.push(addition);
  const earlier = draft.added.find((one) => one.address === address);
  if (earlier !== undefined) return earlier.as === as;
  if (as !== 'bcc' && !stands(draft, as, address, record)) {
    draft.edits = [...draft.edits, { type: 'addAddress', field: as, address }];
  }
  if (people.find(address)?.origin !== 'envelope') draft.added = [...draft.added, addition];
  return true;
}

function stands(draft: Draft, field: 'to' | 'cc', address: string, record: FactRecord): boolean {
  const addresses = addressesIn(record, draft, field);
  return Array.isArray(addresses) && (addresses as readonly unknown[]).includes(address);
}

/** A text of a rule as this recipient gets it. */
export function filled(
  text: string,
  person: Person,
  draft: Pick<LookParts, 'edits'>,
  record: FactRecord,
  fill = fillPlaceholders,
): string {
  return fill(text, (name) => placeholderOf(name, person, draft, record));
}

function placeholderOf(name: Placeholder, person: Person, draft: Pick<LookParts, 'edits'>, record: FactRecord): string {
  switch (name) {
    case 'sender.address':
      return record.headerFrom[0]?.address ?? '';
    case 'sender.displayName':
      return record.headerFrom[0]?.displayName ?? '';
    case 'recipient.address':
      return person.address;
    case 'recipient.displayName':
      return person.displayName ?? '';
    case 'subject':
      return subjectLines(record, draft)[0] ?? '';
  }
}
