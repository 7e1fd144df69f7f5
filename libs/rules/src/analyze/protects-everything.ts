import type { Finding } from './findings.js';
import type { RuleView } from './rule-view.js';
import type { RuleViews } from './rule-views.js';

/** A rule that protects whatever comes, with no rule before it that lets anything out. */
export function protectsEverything(view: RuleView, views: RuleViews): Finding | undefined {
  if (!view.isInForce || !view.protects || view.missing?.length !== 0) return undefined;
  const isAnythingOut = views.enders.some(({ index }) => index < view.index);
  if (isAnythingOut || views.isSentBetween(0, view.index - 1, true)) return undefined;
  return {
    kind: 'protectsEverything',
    rules: [view.rule.id],
    pointer: '/conditions',
    message:
      'every message is protected, within the organization too, and held where a recipient has no key; give the rule conditions unless that is meant',
  };
}
