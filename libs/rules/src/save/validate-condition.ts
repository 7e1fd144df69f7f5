import type { Condition, RuleProblem } from '../types.js';
import { isConditionName } from './condition-name.js';
import { NAMED_DEPTH_MAX } from './condition-names.js';
import { passesDepthGuard } from './depth-guard.js';
import { Problems } from './problems.js';
import { Known, type RuleContext } from './rule-context.js';
import { validateConditions } from './validate-conditions.js';
import { validateSize } from './validate-size.js';

export type ConditionValidation = { readonly condition: Condition } | { readonly problems: readonly RuleProblem[] };

/**
 * Reads a named condition as it comes in, whatever it is, as `validateRule` reads those of a rule: every problem at once,
 * with pointers from the condition (of its name `/name`). `context` has the conditions that it may refer to, what this name
 * stood for before among them or not. It does not see the rules and conditions that refer to this one, which may become
 * too large or circular by it: `compileRuleSet` does.
 */
export function validateCondition(name: unknown, input: unknown, context: RuleContext = {}): ConditionValidation {
  if (!isConditionName(name)) {
    const message = '1 to 100 letters, digits, spaces and _ . -, of US-ASCII; a letter or digit first';
    return { problems: [{ pointer: '/name', code: 'ERR_VALUE_INVALID', message }] };
  }
  // By its own name it is known, and a circle.
  const conditions = { ...context.conditions, [name]: { condition: name } };
  const problems = new Problems(new Known({ ...context, conditions }));
  if (!passesDepthGuard({ conditions: input }, problems)) return { problems: problems.list.map(fromItself) };
  const condition = validateConditions(input, [], problems);
  if (problems.list.length > 0) return { problems: problems.list };
  const whole = new Problems(new Known({ ...context, conditions: { ...conditions, [name]: condition } }));
  const { isCircular, depth } = whole.known.names.sizeOfName(name);
  if (isCircular) whole.add([], 'ERR_CONDITION_CIRCULAR', 'what it refers to leads back to itself');
  else if (depth + 1 > NAMED_DEPTH_MAX) {
    whole.add([], 'ERR_RULE_TOO_DEEP', `more than ${NAMED_DEPTH_MAX} named conditions in each other`);
  }
  validateSize([condition], [], whole);
  return whole.list.length > 0 ? { problems: whole.list } : { condition };
}

/** The depth guard looks at a rule. */
function fromItself(problem: RuleProblem): RuleProblem {
  return { ...problem, pointer: problem.pointer.replace(/^\/conditions/, '') };
}
