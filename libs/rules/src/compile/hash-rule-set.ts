import { createHash } from 'node:crypto';
import type { RuleSetContent } from '../types.js';

/**
 * The name of a rule set: SHA-256 in hex over its canonical JSON. The order of properties, of domains and their repeats
 * does not count, nor that of named conditions and lists; the order of rules does. Of conditions and lists that are none
 * nothing stands there, as before there were any.
 */
export function hashRuleSet({ rules, settings, conditions = {}, lists = [] }: RuleSetContent): string {
  const { acceptedDomains, partnerDomains, timeZone } = settings;
  const content = {
    rules,
    settings: { acceptedDomains: asSet(acceptedDomains), partnerDomains: asSet(partnerDomains), timeZone },
    ...(Object.keys(conditions).length > 0 ? { conditions } : {}),
    ...(lists.length > 0 ? { lists: lists.toSorted((a, b) => (a.name < b.name ? -1 : 1)) } : {}),
  };
  return createHash('sha256')
    .update(JSON.stringify(inOrder(content)))
    .digest('hex');
}

function asSet(domains: readonly string[]): string[] {
  return [...new Set(domains)].sort();
}

/** The same JSON with the properties of every object in the order of their names. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  // Without a prototype, so that every name is a property like any other.
  const ordered = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(value).sort()) ordered[name] = inOrder((value as Record<string, unknown>)[name]);
  return ordered;
}
