import { evaluate as evaluateRules, type Verdict } from '#lib/rules';
import type { CompiledRuleSets } from '../compiled-rule-sets.js';
import { factsOf } from '../facts.js';
import { brand, type Judged, type Parsed } from '../message.js';
import type { JudgeRequest } from '../ports.js';

export interface EvaluateOptions {
  readonly compiled: CompiledRuleSets;
  /** Time that the rules of one message may take together; a rule that it does not reach has failed. */
  readonly budgetMs?: number;
  readonly now?: () => number;
}

/**
 * Asks every rule of the rule set for every recipient. Notices of ours, and mail of ours that a trusted network handed
 * back once, pass without rules. Errors: `ERR_RULE_SET_INVALID`, which holds the message.
 */
export async function evaluate(
  parsed: Parsed,
  request: Pick<JudgeRequest, 'ruleSet' | 'smimeKeys' | 'isExplained'>,
  options: EvaluateOptions,
): Promise<Judged> {
  if (parsed.accepted.kind === 'notice' || parsed.loop === 'ours') {
    return brand<Judged>({ parsed, facts: null, verdict: null });
  }
  const { budgetMs, now } = options;
  const facts = factsOf(parsed.accepted, parsed.mail, request.smimeKeys);
  const verdict = await evaluateRules(options.compiled.get(request.ruleSet), facts, {
    isExplained: request.isExplained ?? true,
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(now === undefined ? {} : { now }),
  });
  // The rule set is named by the record, not by whoever compiled it.
  return brand<Judged>({ parsed, facts, verdict: { ...verdict, ruleSet: request.ruleSet.hash } satisfies Verdict });
}
