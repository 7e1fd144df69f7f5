import type { Finding } from './findings.js';
import type { RuleView } from './rule-view.js';

/** A rule that matches nothing, if it is proven to. */
export function unreachable({ rule, holding, matching }: RuleView): Finding | undefined {
  if (holding?.length === 0) {
    return {
      kind: 'unreachable',
      rules: [rule.id],
      pointer: '/conditions',
      message: 'no message can meet these conditions: they contradict each other; take out what is too much',
    };
  }
  if (matching?.length !== 0) return undefined;
  return {
    kind: 'alwaysExcepted',
    rules: [rule.id],
    pointer: '/exceptions',
    message: 'whatever meets the conditions meets the exceptions as well, so the rule never acts',
  };
}
