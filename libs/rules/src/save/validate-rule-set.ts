import { inOneGo, type Steps } from '../compile/steps.js';
import { PatternRoom } from '../text/pattern-room.js';
import type { Rule, RuleProblem, RuleSetContent } from '../types.js';
import { pointerOf } from './problems.js';
import { Known } from './rule-context.js';
import { validateCondition } from './validate-condition.js';
import { readWith } from './validate-rule.js';

/**
 * Conditions of a rule set that names stand for, all rules together: few lines can name many. What is written out is
 * bounded by what a request may hold.
 */
export const NAMED_CONDITIONS_MAX = 500_000;

/**
 * What is wrong with a rule set as a whole, with pointers from it (`/rules/3/conditions/all/0`, `/conditions/insiders`):
 * nothing in one whose parts were saved by this version of the language and still fit each other.
 */
export function validateRuleSet(
  content: RuleSetContent,
  patterns = new PatternRoom('ofRuleSet'),
): readonly RuleProblem[] {
  return inOneGo(ruleSetProblems(content, patterns));
}

/** The same in steps. */
export function* ruleSetProblems(content: RuleSetContent, patterns: PatternRoom): Steps<readonly RuleProblem[]> {
  const { rules, conditions = {} } = content;
  const lists = Object.fromEntries((content.lists ?? []).map(({ name, type }) => [name, type]));
  const context = { patterns, conditions, lists };
  const problems = Object.entries(conditions).flatMap(([name, condition]) => {
    const read = validateCondition(name, condition, context);
    return 'problems' in read ? at(pointerOf(['conditions', name]), read.problems) : [];
  });
  // What is not valid by itself may be of any shape.
  if (problems.length > 0) return problems;
  const known = new Known(context);
  let named = 0;
  for (const [index, { id: _id, version: _version, ...input }] of rules.entries()) {
    const read = readWith(input, known);
    if ('problems' in read) problems.push(...at(`/rules/${index}`, read.problems));
    else named += namedIn(read.rule, known);
    yield;
  }
  if (named > NAMED_CONDITIONS_MAX) {
    const message = `names stand for more than ${NAMED_CONDITIONS_MAX} conditions in all rules together`;
    problems.push({ pointer: '/rules', code: 'ERR_RULE_TOO_LARGE', message });
  }
  return problems;
}

function at(pointer: string, problems: readonly RuleProblem[]): readonly RuleProblem[] {
  return problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }));
}

/** Conditions that stand behind names, 0 where there are none. */
function namedIn({ conditions, exceptions }: Pick<Rule, 'conditions' | 'exceptions'>, { names }: Known): number {
  const trees = exceptions === null ? [conditions] : [conditions, exceptions];
  const sizes = trees.map((tree) => names.sizeOf(tree)).filter(({ depth }) => depth > 0);
  return sizes.reduce((sum, { leaves, groups }) => sum + leaves + groups, 0);
}
