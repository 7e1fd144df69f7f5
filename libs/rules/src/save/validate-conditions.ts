import type { Condition } from '../types.js';
import { validateLeaf } from './validate-leaf.js';
import { isConditionName } from './condition-name.js';
import { NAMED_DEPTH_MAX } from './condition-names.js';
import { isObject, refuseUnknown, type Json, type Path, type Problems } from './problems.js';

const GROUPS = ['all', 'any', 'not'] as const;

/** Every message. */
export const EVERYTHING: Condition = { all: [] };

/**
 * Reads a tree of conditions that passed the depth guard. What comes back is only whole if no problem was added.
 */
export function validateConditions(input: unknown, path: Path, problems: Problems): Condition {
  if (!isObject(input)) {
    problems.add(
      path,
      'ERR_CONDITION_INVALID',
      'a condition is an object: { "all": [] }, { "any": [] }, { "not": {} }, { "condition": "name" } or { "fact", "operator", "value" }',
    );
    return EVERYTHING;
  }
  if (Object.hasOwn(input, 'condition')) return validateReference(input, path, problems);
  const groups = GROUPS.filter((name) => Object.hasOwn(input, name));
  const [group] = groups;
  if (group === undefined) return validateLeaf(input, path, problems);
  if (groups.length > 1) {
    problems.add(
      path,
      'ERR_CONDITION_INVALID',
      `exactly one of all, any and not in an object; nest the others in an "all"`,
    );
  }
  refuseUnknown(input, GROUPS, path, problems);
  for (const one of groups.slice(1)) validateGroup(one, input, path, problems);
  return validateGroup(group, input, path, problems);
}

/** What the name stands for was read before; here it only must be there and lead to an end. */
function validateReference(input: Json, path: Path, problems: Problems): Condition {
  refuseUnknown(input, ['condition'], path, problems);
  const at = [...path, 'condition'];
  const { condition: name } = input;
  const { names } = problems.known;
  if (!isConditionName(name)) {
    problems.add(at, 'ERR_VALUE_INVALID', 'the name of a condition of the organization');
    return EVERYTHING;
  }
  if (names.get(name) === undefined) {
    problems.add(at, 'ERR_CONDITION_UNKNOWN', 'no condition of this name; save it first');
    return EVERYTHING;
  }
  const { isCircular, depth } = names.sizeOfName(name);
  if (isCircular) problems.add(at, 'ERR_CONDITION_CIRCULAR', 'what this name stands for leads back to itself');
  else if (depth + 1 > NAMED_DEPTH_MAX) {
    problems.add(at, 'ERR_RULE_TOO_DEEP', `more than ${NAMED_DEPTH_MAX} named conditions in each other`);
  }
  return { condition: name };
}

function validateGroup(group: (typeof GROUPS)[number], input: Json, path: Path, problems: Problems): Condition {
  const value = input[group];
  const at = [...path, group];
  if (group === 'not') return { not: validateConditions(value, at, problems) };
  if (!Array.isArray(value)) {
    problems.add(at, 'ERR_CONDITION_INVALID', `"${group}" is a list of conditions`);
    return EVERYTHING;
  }
  if (group === 'any' && value.length === 0) {
    problems.add(
      at,
      'ERR_CONDITION_INVALID',
      '"any" of nothing is never true; leave it out, or write { "all": [] } for every message',
    );
  }
  const parts = value.map((one, index) => validateConditions(one, [...at, index], problems));
  return group === 'all' ? { all: parts } : { any: parts };
}
