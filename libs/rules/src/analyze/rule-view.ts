import { normalizeAddress } from '#lib/core';
import { ACTIONS, isGuard, isSending, isWriting } from '../language/actions.js';
import { placeholdersIn } from '../language/placeholders.js';
import type { Action, Rule } from '../types.js';
import { formulaOf, type Formula, type FormulaContext } from './formula.js';
import type { Atom, Term } from './literal.js';
import { multiplied, termsOf } from './terms.js';

/** Ways in which a rule matches; of a rule with more nothing is said. */
const TERMS_MAX = 64;

/** A rule as the analysis sees it. */
export interface RuleView {
  readonly index: number;
  readonly rule: Rule;
  /** It is asked for mail that comes now or later. */
  readonly isAwake: boolean;
  /** And does what it says for everything that it matches. */
  readonly isInForce: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly conditions: Formula;
  readonly exceptions: Formula | null;
  /** The ways in which its conditions hold. `undefined`: too many. */
  readonly holding: readonly Term[] | undefined;
  /** The ways in which it matches: conditions hold, exceptions do not. */
  readonly matching: readonly Term[] | undefined;
  /** The ways in which it definitely does not match. */
  readonly missing: readonly Term[] | undefined;
  readonly atoms: readonly Atom[];
  readonly protects: boolean;
  /** Rejects or deletes. Not `quarantine`, after whose release the rules go on. */
  readonly blocks: boolean;
  /** No later rule is asked for recipients of the envelope that it acts for. */
  readonly stops: boolean;
  readonly isGuard: boolean;
  readonly isWriting: boolean;
  readonly isSending: boolean;
  /** Where it cannot be known whether it matches the copy is held. */
  readonly holdsErrors: boolean;
  /** It fails where the subject cannot be read. */
  readonly readsSubject: boolean;
  /** Addresses that it sends to, in their normal form. */
  readonly sendsTo: readonly string[];
}

/** `at`: milliseconds since 1970; a rule whose time is over by then is not awake. */
export function viewOf(rule: Rule, index: number, context: FormulaContext, at: number): RuleView {
  const { actions, enabled, mode, activateAt, expireAt } = rule;
  const conditions = formulaOf(rule.conditions, context);
  const exceptions = rule.exceptions === null ? null : formulaOf(rule.exceptions, context);
  const holding = termsOf(conditions, true, TERMS_MAX);
  const has = (test: (type: Action['type']) => boolean): boolean => actions.some(({ type }) => test(type));
  const untilMs = expireAt === null ? Number.POSITIVE_INFINITY : Date.parse(expireAt);
  const isAwake = enabled && untilMs > at;
  const texts = actions.flatMap((action) => Object.values(action).filter((one) => typeof one === 'string'));
  return {
    index,
    rule,
    isAwake,
    isInForce: isAwake && mode === 'enforce' && (rule.rollout ?? null) === null,
    fromMs: activateAt === null ? Number.NEGATIVE_INFINITY : Date.parse(activateAt),
    untilMs,
    conditions,
    exceptions,
    holding,
    matching: exceptions === null || holding === undefined ? holding : without(holding, exceptions),
    missing: missingOf(conditions, exceptions),
    atoms: [...atomsOf(conditions), ...(exceptions === null ? [] : atomsOf(exceptions))],
    protects: has((type) => ACTIONS[type].guards === 'protects'),
    blocks: has((type) => type === 'reject' || type === 'delete'),
    stops: rule.stopProcessing || has((type) => type === 'stop'),
    isGuard: has(isGuard),
    isWriting: has(isWriting),
    isSending: has(isSending),
    holdsErrors: rule.onError === 'hold',
    readsSubject:
      has((type) => type === 'prependSubject') || texts.some((text) => placeholdersIn(text).includes('subject')),
    sendsTo: actions.flatMap((action) => ('addresses' in action ? action.addresses.map(normal) : [])),
  };
}

/** Whether the rule may act for a recipient because of another one. */
export function isForBranch({ rule, atoms }: RuleView): boolean {
  return rule.appliesTo === 'allRecipients' && atoms.some(({ isOfRecipient }) => isOfRecipient);
}

function normal(address: string): string {
  return normalizeAddress(address) ?? address;
}

function without(holding: readonly Term[], exceptions: Formula): readonly Term[] | undefined {
  const unexcepted = termsOf(exceptions, false, TERMS_MAX);
  if (unexcepted === undefined || unexcepted.length * holding.length > TERMS_MAX * TERMS_MAX) return undefined;
  const terms = multiplied(holding, unexcepted);
  return terms.length > TERMS_MAX ? undefined : terms;
}

function missingOf(conditions: Formula, exceptions: Formula | null): readonly Term[] | undefined {
  const failing = termsOf(conditions, false, TERMS_MAX);
  const excepted = exceptions === null ? [] : termsOf(exceptions, true, TERMS_MAX);
  return failing === undefined || excepted === undefined ? undefined : [...failing, ...excepted];
}

function atomsOf(formula: Formula): readonly Atom[] {
  if ('all' in formula) return formula.all.flatMap(atomsOf);
  if ('any' in formula) return formula.any.flatMap(atomsOf);
  return 'not' in formula ? atomsOf(formula.not) : [formula.atom];
}
