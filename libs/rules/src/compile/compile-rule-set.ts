import { normalizeAddress } from '#lib/core';
import { ruleSetInvalid } from '../errors.js';
import { isGuard, isSending, isWriting, SENDER_MANAGER, stageOf } from '../language/actions.js';
import { ConditionNames } from '../save/condition-names.js';
import { ruleSetProblems } from '../save/validate-rule-set.js';
import { prefilterInSteps, type Prefilter } from '../prefilter/prefilter.js';
import { requirementOf, type Requirement } from '../prefilter/requirement.js';
import { PatternRoom } from '../text/pattern-room.js';
import type { Action, Rule, RuleSetContent, RuleSettings } from '../types.js';
import { actionReads, type ActionReads } from './action-reads.js';
import { hashRuleSet } from './hash-rule-set.js';
import { inOneGo, type Steps } from './steps.js';
import { compileTree, LeafTable, type Tree } from './tree.js';

export interface Effect {
  readonly action: Action;
  /** JSON pointer from the rule. */
  readonly pointer: string;
}

export interface CompiledRule {
  readonly index: number;
  readonly rule: Rule;
  readonly conditions: Tree;
  readonly exceptions: Tree | null;
  /** Without it being met the conditions are false; `undefined` if there is none. */
  readonly requirement: Requirement | undefined;
  /** Actions in the order in which they take effect, addresses in their normal form. */
  readonly effects: readonly Effect[];
  /** Has a protective or blocking action: is asked for every added recipient. */
  readonly isGuard: boolean;
  /** Has an action that writes into the header: is asked for recipients whom an earlier rule added. */
  readonly isWriting: boolean;
  /** Has an action on the recipients: recipients whom an earlier rule added see it in their copy. */
  readonly isSending: boolean;
  /** Neither adds or redirects recipients nor names them: it does the same to all who see the message alike. */
  readonly isSameForAll: boolean;
  /** What its actions must know: where that cannot be told the rule has failed. */
  readonly reads: ActionReads;
  /** Milliseconds since 1970 from which on, and until which, it is asked. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A rule set ready to judge with: immutable, and safe to use for many messages at once. Keep these, never engines. */
export interface CompiledRuleSet {
  readonly hash: string;
  readonly settings: RuleSettings;
  readonly rules: readonly CompiledRule[];
  readonly prefilter: Prefilter;
}

/**
 * Validates and compiles a stored rule set. Takes milliseconds to tens of them: keep the result by hash.
 * Error: `ERR_RULE_SET_INVALID` for whatever {@link validateRuleSet} finds, also for a rule that another version of the
 * language let pass.
 */
export function compileRuleSet(content: RuleSetContent, hash?: string): CompiledRuleSet {
  return inOneGo(compileInSteps(content, hash));
}

/** The same in steps, between which a thread that has a large rule set to compile goes on judging. */
export function* compileInSteps(content: RuleSetContent, hash = hashRuleSet(content)): Steps<CompiledRuleSet> {
  // What is compiled to read a rule is kept to judge with.
  const patterns = new PatternRoom('ofRuleSet');
  const problems = yield* ruleSetProblems(content, patterns);
  if (problems.length > 0) throw ruleSetInvalid(problems.length);
  const leaves = new LeafTable(patterns);
  const names = new ConditionNames(content.conditions);
  const rules: CompiledRule[] = [];
  for (const rule of content.rules) {
    rules.push(compileRule(rule, rules.length, leaves, names));
    yield;
  }
  const requirements = rules.map(({ requirement }) => requirement);
  const prefilter = yield* prefilterInSteps(requirements, [...leaves.all()]);
  return { hash, settings: content.settings, rules, prefilter };
}

function compileRule(rule: Rule, index: number, leaves: LeafTable, names: ConditionNames): CompiledRule {
  const { conditions, exceptions, actions, activateAt, expireAt } = rule;
  const tree = compileTree(conditions, '/conditions', leaves, names);
  const reads = actionReads(actions);
  return {
    index,
    rule,
    conditions: tree,
    exceptions: exceptions === null ? null : compileTree(exceptions, '/exceptions', leaves, names),
    requirement: requirementOf(tree),
    effects: actions
      .map((action, n) => ({ action: normalized(action), pointer: `/actions/${n}` }))
      .sort((a, b) => stageOf(a.action.type) - stageOf(b.action.type)),
    isGuard: actions.some(({ type }) => isGuard(type)),
    isWriting: actions.some(({ type }) => isWriting(type)),
    isSending: actions.some(({ type }) => isSending(type)),
    isSameForAll: !actions.some(({ type }) => isSending(type)) && !reads.recipient,
    reads,
    fromMs: activateAt === null ? Number.NEGATIVE_INFINITY : Date.parse(activateAt),
    untilMs: expireAt === null ? Number.POSITIVE_INFINITY : Date.parse(expireAt),
  };
}

function normalized(action: Action): Action {
  if (!('addresses' in action)) return action;
  return { ...action, addresses: [...new Set(action.addresses.map((one) => normalizeAddress(one) ?? one))] };
}

/**
 * Addresses that rules of the set may add to an envelope, in their normal form: their keys are to be looked up as well. Those
 * of managers are known by the directory alone.
 */
export function addedAddresses(content: RuleSetContent): readonly string[] {
  const addresses = content.rules
    .filter(({ enabled, mode }) => enabled && mode === 'enforce')
    .flatMap(({ actions }) => actions.flatMap((action) => ('addresses' in action ? action.addresses : [])));
  const written = addresses.filter((address) => address !== SENDER_MANAGER);
  return [...new Set(written.map((address) => normalizeAddress(address) ?? address))];
}
