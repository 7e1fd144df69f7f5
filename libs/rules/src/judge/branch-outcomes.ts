import type { CompiledRule } from '../compile/compile-rule-set.js';
import type { FactRecord } from '../types.js';
import type { Answers } from './answers.js';
import type { Asked } from './asked.js';
import { actionProblem } from './action-problem.js';
import type { Person, PersonOutcome } from './person.js';
import { allOf, anyOf, negate, type Truth } from './truth.js';

/**
 * What a rule comes to for recipients of one branch, in their order. With `allRecipients` one match makes it act for all
 * of them, except those whom an exception takes out. In three-valued logic: failed is who might or might not be acted on.
 */
export function branchOutcomes(
  compiled: CompiledRule,
  asked: readonly Asked[],
  answers: Pick<Answers, 'tree'>,
  record: FactRecord,
): readonly PersonOutcome[] {
  const { conditions, exceptions, rule } = compiled;
  const rows = asked.map((one) => {
    const holds = answers.tree(conditions, one) ?? 'ERR_ENGINE_FAILED';
    const excepts = exceptions === null ? false : (answers.tree(exceptions, one) ?? 'ERR_ENGINE_FAILED');
    return { holds, excepts, matches: allOf([holds, negate(excepts)]) };
  });
  const isForAll = rule.appliesTo === 'allRecipients';
  const anyHolds = anyOf(rows.map(({ holds }) => holds));
  const anyMatches = anyOf(rows.map(({ matches }) => matches));
  const outcomes = rows.map(({ holds, excepts, matches }, index): PersonOutcome => {
    const acts = isForAll ? allOf([anyMatches, negate(excepts)]) : matches;
    const isReached = (isForAll ? anyHolds : holds) !== false;
    const outcome = outcomeOf(acts, isReached && excepts === true);
    const one = asked[index];
    if (outcome.outcome !== 'matched' || one === undefined) return outcome;
    const problem = actionProblem(compiled, one, record);
    return problem === undefined ? outcome : { outcome: 'failed', reason: problem };
  });
  return compiled.isGuard || compiled.isWriting ? outcomes : withoutIdle(outcomes, asked);
}

/** Nobody is added or redirected on account of an added recipient alone. */
function withoutIdle(outcomes: readonly PersonOutcome[], asked: readonly Asked[]): readonly PersonOutcome[] {
  const isAdded = (n: number): boolean => asked[n]?.person.origin === 'added';
  if (outcomes.some(({ outcome }, n) => outcome === 'matched' && !isAdded(n))) return outcomes;
  return outcomes.map((one, n) => (one.outcome === 'matched' && isAdded(n) ? NOT_FOR_ADDED : one));
}

/** What a rule has to say of an added recipient for whom it does nothing. */
export const NOT_FOR_ADDED: PersonOutcome = { outcome: 'skipped', reason: 'added' };

/** Whether a rule is asked for a recipient: of added ones those that do something for them. */
export function isAskedFor(
  { index, isGuard, isWriting, isSending }: Pick<CompiledRule, 'index' | 'isGuard' | 'isWriting' | 'isSending'>,
  person: Pick<Person, 'origin' | 'addedBy'>,
): boolean {
  return person.origin === 'envelope' || isGuard || (index > person.addedBy && (isWriting || isSending));
}

function outcomeOf(acts: Truth, isExcepted: boolean): PersonOutcome {
  if (typeof acts === 'string') return { outcome: 'failed', reason: acts };
  if (acts) return { outcome: 'matched' };
  return { outcome: isExcepted ? 'excepted' : 'notMatched' };
}
