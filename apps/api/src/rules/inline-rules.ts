import {
  hashRuleSet,
  PatternRoom,
  validateRule,
  type Rule,
  type RuleInput,
  type RuleSetContent,
  type RuleSettings,
} from '#lib/rules';
import type { RequestProblem } from '../problem/api-error.js';

/** Rules behind so many problems are not read. */
const PROBLEMS_MAX = 1_000;

/**
 * Rules that came with a question, as a rule set: in order of their priority, those without one last, in the order in
 * which they came. Their ids are their JSON pointers.
 */
export function inlineRules(
  inputs: readonly unknown[],
  settings: RuleSettings,
): { readonly problems: readonly RequestProblem[] } | { readonly hash: string; readonly content: RuleSetContent } {
  const problems: RequestProblem[] = [];
  const patterns = new PatternRoom();
  const read: { readonly input: RuleInput; readonly id: string }[] = [];
  for (const [index, value] of inputs.entries()) {
    if (problems.length >= PROBLEMS_MAX) break;
    const id = `/rules/${index}`;
    const result = validateRule(value, { patterns });
    if ('rule' in result) read.push({ input: result.rule, id });
    else problems.push(...result.problems.map((problem) => ({ ...problem, pointer: `${id}${problem.pointer}` })));
  }
  if (problems.length > 0) return { problems };
  const last = Number.MAX_SAFE_INTEGER;
  const ordered = read.toSorted((a, b) => (a.input.priority ?? last) - (b.input.priority ?? last));
  const rules: Rule[] = ordered.map(({ input, id }, priority) => ({ ...input, id, version: 1, priority }));
  const content = { rules, settings };
  return { hash: hashRuleSet(content), content };
}
