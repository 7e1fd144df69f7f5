import { normalizeAddress } from '#lib/core';
import { markingEdits } from '../language/marking-edits.js';
import type { Action } from '../types.js';
import type { Problems } from './problems.js';

/** What one action claims for itself: nothing else in the rule may claim the same thing. */
interface Claim {
  readonly thing: string;
  /** Two claims that say the same are no contradiction. */
  readonly says: string;
  readonly message: string;
}

/** Finds actions of one rule that cannot both be done. Between rules the first wins; within one rule nobody could say which is meant. */
export function findContradictions(actions: readonly (Action | undefined)[], problems: Problems): void {
  const claims = new Map<string, { readonly says: string; readonly index: number }>();
  actions.forEach((action, index) => {
    if (action === undefined) return;
    for (const { thing, says, message } of claimsOf(action)) {
      const earlier = claims.get(thing);
      if (earlier === undefined) claims.set(thing, { says, index });
      else if (earlier.index !== index && earlier.says !== says) {
        problems.add(['actions', index], 'ERR_RULE_CONTRADICTORY', `contradicts action ${earlier.index}: ${message}`);
      }
    }
  });
}

const ONE_END = 'of reject, delete, quarantine and redirect a rule can have one';

function claimsOf(action: Action): readonly Claim[] {
  const whole = JSON.stringify(action);
  switch (action.type) {
    case 'encrypt':
      return [{ thing: 'encrypt', says: whole, message: 'encrypt once, with all that is wanted' }];
    case 'setHeader':
    case 'removeHeader': {
      const name = action.name.toLowerCase();
      const says = action.type === 'setHeader' ? `=${action.value}` : '';
      return [{ thing: `header ${name}`, says, message: 'a header field has one fate in a rule' }];
    }
    case 'classify':
    case 'setSpamScore':
    case 'setImportance':
      return markingEdits(action).map((edit) => ({
        thing: `header ${edit.name.toLowerCase()}`,
        says: edit.type === 'setHeader' ? `=${edit.value}` : '',
        message: `${action.type} writes ${edit.name}, which has one fate in a rule`,
      }));
    case 'addRecipient':
    case 'bcc':
      return action.addresses.map((address) => ({
        thing: `add ${normalizeAddress(address) ?? address}`,
        says: action.type === 'bcc' ? 'bcc' : action.as,
        message: 'an address is added once, as to, cc or bcc',
      }));
    case 'redirect':
      return [{ thing: 'end', says: whole, message: `${ONE_END}, with all its addresses` }];
    case 'reject':
    case 'delete':
    case 'quarantine':
      return [{ thing: 'end', says: whole, message: ONE_END }];
    case 'audit':
      return [{ thing: 'audit', says: whole, message: 'one severity' }];
    case 'replaceSubject':
      return [{ thing: 'subject', says: whole, message: 'a subject is replaced once' }];
    case 'prependSubject':
    case 'stop':
      return [];
  }
}
