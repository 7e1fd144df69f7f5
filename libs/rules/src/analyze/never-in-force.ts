import type { Finding } from './findings.js';
import type { RuleView } from './rule-view.js';

/** A rule that is switched on and will never be asked. */
export function neverInForce({ rule }: RuleView, atMs: number): Finding | undefined {
  if (!rule.enabled) return undefined;
  if (rule.expireAt !== null && Date.parse(rule.expireAt) <= atMs) {
    return {
      kind: 'neverInForce',
      rules: [rule.id],
      pointer: '/expireAt',
      message: 'its time is over: no message that comes now is asked; remove the rule or give it more time',
    };
  }
  const { rollout } = rule;
  if (rollout?.percent === 0 && rollout.senders.length === 0) {
    return {
      kind: 'neverInForce',
      rules: [rule.id],
      pointer: '/rollout',
      message: 'it is rolled out to 0 percent and to no sender in particular, so it is asked for nobody',
    };
  }
  return undefined;
}
