import type { Condition, LeafCondition, Rule } from '../types.js';

/** Names of conditions and lists, each once, in the order of the alphabet. */
export interface References {
  readonly conditions: readonly string[];
  readonly lists: readonly string[];
}

/**
 * What rules refer to, also through the named conditions that they refer to. A name that `conditions` has not stands there
 * as well. Linear in what is written: each named condition is read once.
 */
export function referencesOf(
  rules: readonly Pick<Rule, 'conditions' | 'exceptions'>[],
  conditions: Readonly<Record<string, Condition>> = {},
): References {
  const { names, leaves } = conditionsWithin(rules, conditions);
  const lists = leaves.flatMap(({ operator, value }) => (/(?:^|:)inList$/.test(operator) ? [value].flat() : []));
  const inOrder = (all: Iterable<unknown>): string[] =>
    [...new Set(all)].filter((one) => typeof one === 'string').sort();
  return { conditions: inOrder(names), lists: inOrder(lists) };
}

/** Every question of some rules, those of the named conditions that they refer to once; and the names of these. */
export function conditionsWithin(
  rules: readonly Pick<Rule, 'conditions' | 'exceptions'>[],
  named: Readonly<Record<string, Condition>>,
): { readonly leaves: readonly LeafCondition[]; readonly names: ReadonlySet<string> } {
  const leaves: LeafCondition[] = [];
  const names = new Set<string>();
  const open: Condition[] = rules.flatMap(({ conditions, exceptions }) =>
    exceptions === null ? [conditions] : [conditions, exceptions],
  );
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if ('fact' in one) leaves.push(one);
    else if ('not' in one) open.push(one.not);
    else if ('condition' in one) {
      const behind = Object.hasOwn(named, one.condition) ? named[one.condition] : undefined;
      if (behind !== undefined && !names.has(one.condition)) open.push(behind);
      names.add(one.condition);
    } else for (const part of 'all' in one ? one.all : one.any) open.push(part);
  }
  return { leaves, names };
}
