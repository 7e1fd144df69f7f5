import type { CompiledRuleSet } from '../compile/compile-rule-set.js';
import type { FactRecord, RuleRange, Verdict } from '../types.js';
import { Answers } from './answers.js';
import { Budget } from './budget.js';
import { Candidates } from './candidates.js';
import { Fold } from './fold.js';
import { verdictOf } from './verdict.js';

const BUDGET_MS = 10_000;

export interface JudgingOptions {
  /** Time for the conditions of the message together, in milliseconds; a rule that it does not reach has failed. */
  readonly budgetMs?: number;
  /** Which rules the verdict tells of: all, those of a range, or (`false`) those alone that matched or failed. */
  readonly isExplained?: boolean | RuleRange;
  /** Packed entries of the named lists of the rule set, by the hash of their reference. What asks another one is in error. */
  readonly lists?: ReadonlyMap<string, SharedArrayBuffer>;
  /** A stopwatch in milliseconds; only differences count. */
  readonly now?: () => number;
}

/**
 * Judges one message: every rule of the set for every recipient. Only rules whose requirement the message meets are asked
 * (docs/decisions/prefilter.md). Without side effect, and safe to run many times at once
 * on one compiled rule set. Facts that could not be had, limits and the spent budget are errors of the conditions that
 * meet them; they hold or skip as their rule says, and are no error of this function.
 * Error: `ERR_ENGINE_INCOMPLETE` (bug).
 */
export async function evaluate(
  compiled: CompiledRuleSet,
  facts: FactRecord,
  { budgetMs = BUDGET_MS, isExplained = true, now = () => performance.now() }: JudgingOptions = {},
): Promise<Verdict> {
  const answers = new Answers(compiled, facts, new Budget(budgetMs, now));
  const received = [...Object.keys(facts.headers), ...(facts.unreadable?.fields ?? [])];
  const candidates = new Candidates(compiled.prefilter, received, answers.values, answers.means);
  const fold = new Fold(compiled, facts, answers, candidates);
  await fold.run();
  return verdictOf(compiled, fold, answers, isExplained);
}
