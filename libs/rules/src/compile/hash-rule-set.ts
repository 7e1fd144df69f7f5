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
    .update(JSON.stringify(content, (_name, value: unknown) => inOrder(value)))
    .digest('hex');
}

function asSet(domains: readonly string[]): string[] {
  return [...new Set(domains)].sort();
}

/** Objects with their properties in the order of their names. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
