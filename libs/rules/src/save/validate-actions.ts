import { isAddressField, normalizeAddress } from '#lib/core';
import { ACTIONS, isActionType, SENDER_MANAGER, type ActionType } from '../language/actions.js';
import { mailboxesProblem, placeholdersIn, PLACEHOLDERS } from '../language/placeholders.js';
import type { Action } from '../types.js';
import { findContradictions } from './contradictions.js';
import { headerNameProblem } from './header-name.js';
import { isObject, refuseUnknown, type Json, type Path, type Problems } from './problems.js';
import { PropertyReader } from './read-property.js';

const ACTIONS_MAX = 50;
const ADDRESSES_MAX = 100;
const SUBJECT_CHARS_MAX = 200;
const HEADER_CHARS_MAX = 900;
const CLASSIFICATION_CHARS_MAX = 200;
/** Filters count further than Exchange, which ends at 9. */
const SPAM_SCORE_MAX = 1_000;
const REJECT_CHARS_MAX = 1_000;
const REJECT_TEXT = 'Delivery not authorized, message refused';
/** RFC 3463: a permanent failure. */
const STATUS = /^5\.\d{1,3}\.\d{1,3}$/;

const PROPERTIES: Readonly<Record<ActionType, readonly string[]>> = {
  encrypt: ['method', 'template', 'branding', 'sign', 'expireAfterDays', 'onMissingKey', 'subject'],
  prependSubject: ['text'],
  replaceSubject: ['text'],
  setHeader: ['name', 'value'],
  removeHeader: ['name'],
  classify: ['name'],
  setSpamScore: ['score'],
  setImportance: ['importance'],
  addRecipient: ['addresses', 'as'],
  bcc: ['addresses'],
  redirect: ['addresses'],
  reject: ['text', 'enhancedStatusCode'],
  delete: [],
  quarantine: [],
  stop: [],
  audit: ['severity'],
};

/** Reads the actions of a rule, each with its defaults, and finds those that contradict each other. */
export function validateActions(input: unknown, problems: Problems): readonly Action[] {
  if (input === undefined) {
    problems.add(['actions'], 'ERR_PROPERTY_MISSING', 'a rule needs a list of "actions"');
    return [];
  }
  if (!Array.isArray(input) || input.length === 0 || input.length > ACTIONS_MAX) {
    problems.add(['actions'], 'ERR_VALUE_INVALID', `a list of 1 to ${ACTIONS_MAX} actions`);
    return [];
  }
  const read = input.map((one: unknown, index) => validateAction(one, ['actions', index], problems));
  findContradictions(read, problems);
  return read.filter((action) => action !== undefined);
}

function validateAction(input: unknown, path: Path, problems: Problems): Action | undefined {
  const type = isObject(input) ? input['type'] : undefined;
  if (!isObject(input) || type === undefined) {
    problems.add([...path, 'type'], 'ERR_PROPERTY_MISSING', 'an action is an object with a "type"');
    return undefined;
  }
  if (!isActionType(type)) {
    const known = Object.keys(ACTIONS).join(', ');
    problems.add([...path, 'type'], 'ERR_ACTION_UNKNOWN', `unknown action; known: ${known}`);
    return undefined;
  }
  refuseUnknown(input, ['type', ...PROPERTIES[type]], path, problems);
  return readAction(type, input, path, problems);
}

function readAction(type: ActionType, input: Json, path: Path, problems: Problems): Action {
  const read = new PropertyReader(input, path, problems);
  switch (type) {
    case 'encrypt':
      return readEncrypt(read);
    case 'prependSubject':
    case 'replaceSubject':
      return {
        type,
        text: withPlaceholders(read.text('text', { charsMax: SUBJECT_CHARS_MAX }), 'text', path, problems),
      };
    case 'setHeader': {
      const value = read.text('value', { charsMax: HEADER_CHARS_MAX });
      const name = readHeaderName(input, 'set', path, problems);
      const message = isAddressField(name) ? mailboxesProblem(value) : undefined;
      if (message !== undefined) problems.add([...path, 'value'], 'ERR_VALUE_INVALID', message);
      return { type, name, value: withPlaceholders(value, 'value', path, problems) };
    }
    case 'removeHeader':
      return { type, name: readHeaderName(input, 'remove', path, problems) };
    case 'classify':
      return { type, name: read.text('name', { charsMax: CLASSIFICATION_CHARS_MAX }).trim() };
    case 'setSpamScore':
      return { type, score: read.decimal('score', SPAM_SCORE_MAX) };
    case 'setImportance':
      return { type, importance: read.neededWord('importance', ['low', 'normal', 'high']) };
    case 'addRecipient':
      return {
        type,
        addresses: readAddresses(input, path, problems),
        as: read.word('as', ['to', 'cc', 'bcc'], 'to'),
      };
    case 'bcc':
    case 'redirect':
      return { type, addresses: readAddresses(input, path, problems) };
    case 'reject':
      return readReject(input, read, path, problems);
    case 'audit':
      return { type, severity: read.word('severity', ['none', 'low', 'medium', 'high'], 'none') };
    case 'delete':
    case 'quarantine':
    case 'stop':
      return { type };
  }
}

function readEncrypt(read: PropertyReader): Action {
  read.only('branding', null, 'brandings come with the portal; leave it out');
  read.only('sign', false, 'signing is not there yet; leave it out');
  read.only('expireAfterDays', null, 'expiry comes with the portal; leave it out');
  read.only('template', 'encrypt-only', 'the only template now is encrypt-only; others come with the portal');
  return {
    type: 'encrypt',
    method: read.word('method', ['auto', 'smime'], 'auto', ['openpgp', 'portal', 'pdf']),
    template: 'encrypt-only',
    onMissingKey: read.word('onMissingKey', ['hold', 'reject'], 'hold', ['portal']),
    subject: read.word('subject', ['keep', 'hide'], 'keep'),
  };
}

function readReject(input: Json, read: PropertyReader, path: Path, problems: Problems): Action {
  const { enhancedStatusCode = '5.7.1' } = input;
  if (typeof enhancedStatusCode !== 'string' || !STATUS.test(enhancedStatusCode)) {
    read.invalid('enhancedStatusCode', 'a status of RFC 3463 for a permanent failure, like 5.7.1');
  }
  const text = read.text('text', { charsMax: REJECT_CHARS_MAX, fallback: REJECT_TEXT });
  if (placeholdersIn(text).includes('subject')) {
    problems.add(
      [...path, 'text'],
      'ERR_PLACEHOLDER_UNKNOWN',
      'the subject may not stand in a rejection, which goes to others than the message',
    );
  }
  return {
    type: 'reject',
    text: withPlaceholders(text, 'text', path, problems),
    enhancedStatusCode: String(enhancedStatusCode),
  };
}

function readHeaderName(input: Json, use: 'set' | 'remove', path: Path, problems: Problems): string {
  const { name } = input;
  const problem = headerNameProblem(name, use);
  if (problem !== undefined) problems.add([...path, 'name'], problem.code, problem.message);
  return String(name);
}

function readAddresses(input: Json, path: Path, problems: Problems): readonly string[] {
  const at = [...path, 'addresses'];
  const { addresses } = input;
  if (addresses === undefined) problems.add(at, 'ERR_PROPERTY_MISSING', 'a list of "addresses" is needed');
  else if (!Array.isArray(addresses) || addresses.length === 0 || addresses.length > ADDRESSES_MAX) {
    problems.add(at, 'ERR_VALUE_INVALID', `a list of 1 to ${ADDRESSES_MAX} addresses`);
  } else {
    addresses.forEach((address: unknown, index) => {
      if (address === SENDER_MANAGER) return;
      if (typeof address !== 'string' || normalizeAddress(address) === undefined) {
        problems.add([...at, index], 'ERR_VALUE_INVALID', `an address like ann@example.com, or ${SENDER_MANAGER}`);
      }
    });
    return addresses.map(String);
  }
  return [];
}

function withPlaceholders(text: string, name: string, path: Path, problems: Problems): string {
  for (const placeholder of placeholdersIn(text)) {
    if ((PLACEHOLDERS as readonly string[]).includes(placeholder)) continue;
    const known = PLACEHOLDERS.map((one) => `{{${one}}}`).join(', ');
    problems.add([...path, name], 'ERR_PLACEHOLDER_UNKNOWN', `unknown placeholder; known: ${known}`);
  }
  return text;
}
