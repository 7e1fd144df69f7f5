import type { LeafCondition, RuleSetContent } from '../types.js';
import { conditionsWithin } from './references-of.js';

const known = new WeakMap<object, ReadonlySet<string>>();

/**
 * Names of the facts that rules of a set ask for, disabled rules left out, named conditions included: what nobody asks for
 * need not be found out. Found once for each content.
 */
export function factsRead(content: Pick<RuleSetContent, 'rules' | 'conditions'>): ReadonlySet<string> {
  let facts = known.get(content);
  if (facts === undefined) {
    const enabled = content.rules.filter((rule) => rule.enabled);
    facts = new Set(conditionsWithin(enabled, content.conditions ?? {}).leaves.flatMap(factsOf));
    known.set(content, facts);
  }
  return facts;
}

/** The fact that is asked, and the one that it is compared with. */
export function factsOf({ fact, value }: LeafCondition): readonly string[] {
  const other = typeof value === 'object' && value !== null && 'fact' in value ? value.fact : undefined;
  return typeof other === 'string' ? [fact, other] : [fact];
}
