import { normalizeDomain } from '#lib/core';
import { wholeAddress, wholeDomain } from '../language/address-form.js';
import { groupForms } from '../language/relation.js';
import type { FactSpec } from '../language/facts.js';
import type { Leaf } from '../language/leaf.js';
import type { Scalar } from '../language/targets.js';
import { foldText } from '../text/fold-text.js';
import { visibleText } from '../text/visible-text.js';
import { chanceOf, leastLikely } from './chance.js';
import type { Needle } from './needle-table.js';

export type NumberOrder = 'equal' | 'lessThan' | 'lessThanInclusive' | 'greaterThan' | 'greaterThanInclusive';

/**
 * What must be so of one element of a fact for a condition on it to be true, cheap to find for thousands of rules at once:
 * a needle stands in it; folded it is this whole text; it is this domain or under it; it lies so to a number; it is there.
 */
export type Need =
  | { readonly kind: 'needle'; readonly needle: Needle }
  | { readonly kind: 'whole'; readonly text: string }
  | { readonly kind: 'domain'; readonly parent: string }
  | { readonly kind: 'number'; readonly order: NumberOrder; readonly value: number }
  | { readonly kind: 'present' };

const PRESENT: readonly Need[] = [{ kind: 'present' }];

/**
 * The needs of a leaf, one of which is met wherever it is true: met by none, and with its fact not in error, it is false,
 * not in error. `undefined` where nothing can be told: negative operators, `not:`, `everyFact:` (true of an empty list),
 * and `exists` that asks for absence.
 */
export function needsOf(leaf: Leaf): readonly Need[] | undefined {
  const { spec, decorators } = leaf.parsed;
  if (spec.isNegated || decorators.some((name) => name === 'not' || name === 'everyFact')) return undefined;
  if (spec.predicate === 'exists') return leaf.expectsPresence ? PRESENT : undefined;
  const byValue = leaf.values.map((value, n) => needsOfValue(leaf, value, leaf.needles[n]));
  if (decorators.includes('everyValue')) return leastLikely(byValue, (needs) => chanceOfOne(needs, leaf));
  const all = byValue.flat();
  return all.some(({ kind }) => kind === 'present') ? PRESENT : all;
}

/** How likely one of these needs is met, roughly. */
export function chanceOfOne(needs: readonly Need[], { spec }: Pick<Leaf, 'spec'>): number {
  return needs.reduce((sum, need) => sum + chanceOfNeed(need, spec), 0);
}

/** A positive operator is true of an element only, so that there must be one at least. */
function needsOfValue(leaf: Leaf, value: Scalar, needles: readonly Needle[] | undefined): readonly Need[] {
  const { predicate } = leaf.parsed.spec;
  if (needles !== undefined) return needles.map((needle) => ({ kind: 'needle', needle }));
  if (typeof value === 'number') return [{ kind: 'number', order: predicate as NumberOrder, value }];
  if (typeof value === 'boolean') return [whole(String(value))];
  if (predicate === 'equal' && leaf.spec.type !== 'ip') return wholes(leaf, value).map(whole);
  if (predicate === 'memberOf') return leaf.spec.holds === 'groups' ? groupNames(value).map(whole) : PRESENT;
  if (predicate === 'underDomain') return [{ kind: 'domain', parent: normalizeDomain(value) ?? '' }];
  return PRESENT;
}

function whole(text: string): Need {
  return { kind: 'whole', text };
}

/** A group as it is written, or as people see it. */
function groupNames(value: string): readonly string[] {
  return [...new Set([value, visibleText(value)].flatMap(groupForms))];
}

/** What an element is, folded, if it equals the value: as that is written or as people see it. */
function wholes({ spec }: Leaf, value: string): readonly string[] {
  if (spec.type === 'address') return [wholeAddress(value)];
  if (spec.type === 'domain') return [wholeDomain(value)];
  return [...new Set([value, visibleText(value)].map(foldText))];
}

/** How likely a need is met by a message, roughly. */
function chanceOfNeed(need: Need, spec: FactSpec): number {
  switch (need.kind) {
    case 'needle':
      return chanceOf(need.needle);
    case 'whole':
      return spec.type === 'boolean' ? 0.5 : spec.values === undefined ? 0.001 : 1 / spec.values.length;
    case 'domain':
      return 0.01;
    case 'number':
      return need.order === 'equal' ? 0.05 : 0.2;
    case 'present':
      return spec.params?.includes('name') === true ? 0.05 : 0.9;
  }
}
