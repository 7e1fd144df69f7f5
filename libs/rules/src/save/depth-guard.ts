import { isObject, type Path, type Problems } from './problems.js';

/** Levels of `all`, `any` and `not` in each other. */
export const CONDITION_LEVELS_MAX = 64;
/** Conditions of a rule, exceptions included. Only leaves count: a group asks nothing by itself. */
export const CONDITIONS_MAX = 2_000;
/** Groups of a rule, exceptions included: two for each condition, so only a mistake or an attack meets it. */
export const GROUPS_MAX = 4_000;
/** Anything else in a rule is flat; a list of values is the deepest thing. */
const OTHER_LEVELS_MAX = 8;
const GROUP_NAMES = ['all', 'any', 'not'];

interface Visit {
  readonly value: unknown;
  readonly level: number;
}

/**
 * Walks a rule without recursion before anything recursive sees it. `false` if it is too deep or has too many
 * conditions: then the problem is in the list and nothing else may look at the rule.
 */
export function passesDepthGuard(input: unknown, problems: Problems): boolean {
  if (!isObject(input)) return true;
  const { conditions, exceptions, ...rest } = input;
  let leaves = 0;
  let groups = 0;
  for (const [name, root] of Object.entries({ conditions, exceptions })) {
    const found = measure(root);
    leaves += found.leaves;
    groups += found.groups;
    if (found.levels > CONDITION_LEVELS_MAX) return tooDeep([name], problems);
  }
  if (leaves > CONDITIONS_MAX) return tooLarge(`${CONDITIONS_MAX} conditions`, problems);
  if (groups > GROUPS_MAX) return tooLarge(`${GROUPS_MAX} groups of conditions`, problems);
  for (const [name, value] of Object.entries(rest)) {
    if (levelsOf(value, OTHER_LEVELS_MAX) > OTHER_LEVELS_MAX) return tooDeep([name], problems);
  }
  return true;
}

function tooDeep(path: Path, problems: Problems): false {
  problems.add(path, 'ERR_RULE_TOO_DEEP', `nested deeper than ${CONDITION_LEVELS_MAX} levels`);
  return false;
}

function tooLarge(what: string, problems: Problems): false {
  problems.add(['conditions'], 'ERR_RULE_TOO_LARGE', `at most ${what}, exceptions included`);
  return false;
}

/**
 * Levels of groups, and how many leaves and groups there are. What is neither is a leaf, and deep by its own nesting, so
 * nothing deep and nothing endless passes. It stops counting where a limit is broken.
 */
function measure(root: unknown): { levels: number; leaves: number; groups: number } {
  let levels = 0;
  let leaves = 0;
  let groups = 0;
  const visits: Visit[] = root === undefined || root === null ? [] : [{ value: root, level: 0 }];
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { value, level } = visit;
    levels = Math.max(levels, level);
    if (!isObject(value)) {
      leaves += 1;
      levels = Math.max(levels, level + levelsOf(value, CONDITION_LEVELS_MAX));
      if (leaves > CONDITIONS_MAX) break;
      continue;
    }
    if (GROUP_NAMES.some((name) => Object.hasOwn(value, name))) groups += 1;
    else leaves += 1;
    for (const [name, child] of Object.entries(value)) {
      if ((name === 'all' || name === 'any') && Array.isArray(child)) {
        levels = Math.max(levels, level + 1);
        for (const one of child) visits.push({ value: one, level: level + 1 });
      } else if (name === 'not' && isObject(child)) visits.push({ value: child, level: level + 1 });
      else if (levelsOf(child, OTHER_LEVELS_MAX) > OTHER_LEVELS_MAX) levels = CONDITION_LEVELS_MAX + 1;
    }
    if (levels > CONDITION_LEVELS_MAX || leaves > CONDITIONS_MAX || groups > GROUPS_MAX) break;
  }
  return { levels, leaves, groups };
}

/** Nesting of any JSON, up to `enough` + 1. */
function levelsOf(root: unknown, enough: number): number {
  let levels = 0;
  const visits: Visit[] = [{ value: root, level: 0 }];
  for (let visit = visits.pop(); visit !== undefined && levels <= enough; visit = visits.pop()) {
    const { value, level } = visit;
    if (typeof value !== 'object' || value === null) continue;
    levels = Math.max(levels, level + 1);
    for (const child of Object.values(value)) {
      if (typeof child === 'object' && child !== null) visits.push({ value: child, level: level + 1 });
    }
  }
  return levels;
}
