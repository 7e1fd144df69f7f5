import type { CompiledRule } from '../compile/compile-rule-set.js';
import type { FactRecord } from '../types.js';
import type { Answers, Asked } from './answers.js';
import { subjectOf } from './changed-header.js';
import type { PersonOutcome } from './person.js';
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
  return rows.map(({ holds, excepts, matches }, index) => {
    const acts = isForAll ? allOf([anyMatches, negate(excepts)]) : matches;
    const isReached = (isForAll ? anyHolds : holds) !== false;
    const outcome = outcomeOf(acts, isReached && excepts === true);
    const unreadable = outcome.outcome === 'matched' ? unreadableSubject(compiled, asked[index], record) : undefined;
    return unreadable === undefined ? outcome : { outcome: 'failed', reason: unreadable };
  });
}

function outcomeOf(acts: Truth, isExcepted: boolean): PersonOutcome {
  if (typeof acts === 'string') return { outcome: 'failed', reason: acts };
  if (acts) return { outcome: 'matched' };
  return { outcome: isExcepted ? 'excepted' : 'notMatched' };
}

/** A rule that writes what it cannot read has failed, not matched. */
function unreadableSubject(
  { readsSubject }: CompiledRule,
  asked: Asked | undefined,
  record: FactRecord,
): string | undefined {
  if (!readsSubject || asked?.person.origin !== 'envelope') return undefined;
  const subject = subjectOf(record, asked.look);
  return typeof subject === 'object' && 'errorCode' in subject ? subject.errorCode : undefined;
}
