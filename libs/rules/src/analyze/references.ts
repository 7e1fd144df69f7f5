import { parseOperator } from '../language/operators.js';
import type { Condition, LeafCondition, Rule, RuleSetContent } from '../types.js';
import type { AnalysisWorld, Finding, FindingKind } from './findings.js';

/** What rules name that stands elsewhere: lists and groups that are empty or not there. */
export function wrongReferences(rule: Rule, content: RuleSetContent, world: AnalysisWorld): readonly Finding[] {
  if (!rule.enabled) return [];
  const { conditions = {} } = content;
  const named = [
    ...namesIn(rule.conditions, '/conditions', conditions),
    ...(rule.exceptions === null ? [] : namesIn(rule.exceptions, '/exceptions', conditions)),
  ];
  const lists = world.lists ?? countsOf(content);
  return named.flatMap(({ of, name, pointer }) => {
    const known = of === 'list' ? lists : world.groups;
    if (known === undefined) return [];
    const count = Object.hasOwn(known, name) ? known[name] : undefined;
    if (count !== undefined && count > 0) return [];
    const isMissing = count === undefined;
    // Of a list whose entries nobody counted nothing is said.
    if (isMissing && of === 'list' && world.lists === undefined) return [];
    const word = of === 'list' ? 'List' : 'Group';
    const kind = `${isMissing ? 'missing' : 'empty'}${word}` as FindingKind;
    const what = isMissing ? `there is no ${of} of this name` : `this ${of} is empty`;
    return [{ kind, rules: [rule.id], pointer, message: `${what}, so the condition holds for nobody` }];
  });
}

/** Named conditions that no rule refers to. */
export function unusedConditions(content: RuleSetContent, world: AnalysisWorld): readonly Finding[] {
  const { conditions = {}, rules } = content;
  const used = new Set<string>();
  const mark = (condition: Condition): void => {
    for (const name of conditionNames(condition)) {
      if (used.has(name)) continue;
      used.add(name);
      const next = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
      if (next !== undefined) mark(next);
    }
  };
  for (const { conditions: own, exceptions } of rules) {
    mark(own);
    if (exceptions !== null) mark(exceptions);
  }
  const all = [...new Set([...(world.conditions ?? []), ...Object.keys(conditions)])];
  return all
    .filter((name) => !used.has(name))
    .map((name) => ({
      kind: 'unusedCondition',
      rules: [],
      message: `no rule refers to the named condition "${name}"`,
    }));
}

interface Named {
  readonly of: 'list' | 'group';
  readonly name: string;
  readonly pointer: string;
}

function namesIn(
  condition: Condition,
  pointer: string,
  conditions: Readonly<Record<string, Condition>>,
  level = 0,
): readonly Named[] {
  const into = (part: Condition, at: string, deeper = level): readonly Named[] => namesIn(part, at, conditions, deeper);
  if ('all' in condition) return condition.all.flatMap((part, n) => into(part, `${pointer}/all/${n}`));
  if ('any' in condition) return condition.any.flatMap((part, n) => into(part, `${pointer}/any/${n}`));
  if ('not' in condition) return into(condition.not, `${pointer}/not`);
  if ('condition' in condition) {
    const name = condition.condition;
    const named = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    // What is wrong within it is told at the place that names it.
    return named === undefined || level > 50 ? [] : into(named, pointer, level + 1).map((one) => ({ ...one, pointer }));
  }
  return namesOf(condition).map((one) => ({ ...one, pointer }));
}

function namesOf({ fact, operator, value }: LeafCondition): readonly Omit<Named, 'pointer'>[] {
  const name = operator.split(':').at(-1) ?? '';
  const values = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  if (name === 'inList') return values.map((one) => ({ of: 'list', name: one }));
  const isOfGroups = name === 'memberOf' || (fact.endsWith('.groups') && isEquality(operator));
  return isOfGroups ? values.map((one) => ({ of: 'group', name: one.toLowerCase() })) : [];
}

function isEquality(operator: string): boolean {
  return parseOperator(operator)?.spec.predicate === 'equal';
}

function conditionNames(condition: Condition): readonly string[] {
  if ('all' in condition) return condition.all.flatMap(conditionNames);
  if ('any' in condition) return condition.any.flatMap(conditionNames);
  if ('not' in condition) return conditionNames(condition.not);
  return 'condition' in condition ? [condition.condition] : [];
}

function countsOf({ lists }: RuleSetContent): Readonly<Record<string, number>> | undefined {
  return lists === undefined ? undefined : Object.fromEntries(lists.map(({ name, count }) => [name, count]));
}
