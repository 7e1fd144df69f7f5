import { normalizeAddress } from '#lib/core';
import { stageOf } from '../language/actions.js';
import type { Action } from '../types.js';
import type { Formula } from './formula.js';
import type { RuleView } from './rule-view.js';

/** A text that two rules have in common if they do the same for the same mail, however they are written. */
export function canonicalRule({ rule, conditions, exceptions }: RuleView): string {
  const { actions, appliesTo, stopProcessing, mode, onError, activateAt, expireAt, rollout = null } = rule;
  return JSON.stringify([
    canonical(conditions),
    exceptions === null ? null : canonical(exceptions),
    actions.toSorted((a, b) => stageOf(a.type) - stageOf(b.type)).map(canonicalAction),
    [appliesTo, stopProcessing, mode, onError, activateAt, expireAt, rollout],
  ]);
}

function canonical(formula: Formula): string {
  if ('atom' in formula) return formula.atom.key;
  if ('not' in formula) {
    return 'not' in formula.not ? canonical(formula.not.not) : `not ${canonical(formula.not)}`;
  }
  const word = 'all' in formula ? 'all' : 'any';
  const parts = [...new Set(flat(formula, word).map(canonical))].sort();
  return parts.length === 1 ? (parts[0] ?? '') : `${word}(${parts.join(',')})`;
}

/** Parts of parts of the same kind count as parts. */
function flat(formula: Formula, word: 'all' | 'any'): readonly Formula[] {
  const parts =
    word === 'all' && 'all' in formula ? formula.all : 'any' in formula && word === 'any' ? formula.any : null;
  return parts === null ? [formula] : parts.flatMap((part) => flat(part, word));
}

function canonicalAction(action: Action): string {
  const addresses = 'addresses' in action ? action.addresses.map((one) => normalizeAddress(one) ?? one).sort() : [];
  const name = 'name' in action ? { name: action.name.toLowerCase() } : {};
  const whole = { ...action, ...name, addresses };
  return JSON.stringify(Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1)));
}
