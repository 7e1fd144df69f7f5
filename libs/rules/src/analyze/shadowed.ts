import type { Finding } from './findings.js';
import type { Effort } from './effort.js';
import { withValue, type Term } from './literal.js';
import type { RuleView } from './rule-view.js';
import type { RuleViews } from './rule-views.js';

/**
 * A rule that comes too late: every message that it could match has been ended for that recipient by earlier rules.
 * Quarantine ends nothing: when a copy is released the rules after it go on.
 */
export async function shadowed(view: RuleView, views: RuleViews, effort: Effort): Promise<Finding | undefined> {
  const { matching, index } = view;
  if (matching === undefined || matching.length === 0) return undefined;
  const by = new Set<RuleView>();
  for (const term of matching.flatMap(byValue)) {
    let ender: RuleView | undefined;
    for (const earlier of views.endersFor(term)) {
      if (earlier.index >= index) break;
      await effort.spend(1);
      if (effort.isSpent) return undefined;
      if (!views.covers(earlier, view, term) || !isForEverybody(earlier, view, views)) continue;
      ender = earlier;
      break;
    }
    if (ender === undefined) return undefined;
    by.add(ender);
  }
  return {
    kind: 'shadowed',
    rules: [view.rule.id, ...[...by].map(({ rule }) => rule.id)],
    message: 'an earlier rule ends the rules for everything that this one could match; move it up or remove it',
  };
}

/**
 * `stop` does nothing for recipients whom rules added, `reject` and `delete` do nothing for those whose mail was
 * redirected: where there may be such a recipient, and the later rule would be asked for it, nothing is said.
 */
function isForEverybody(earlier: RuleView, later: RuleView, views: RuleViews): boolean {
  if (!earlier.stops && views.isSentBetween(0, earlier.index - 1, true)) return false;
  if (earlier.blocks) return true;
  const last = later.isGuard ? Number.POSITIVE_INFINITY : later.index - 1;
  return !views.isSentBetween(0, last);
}

/** A term that asks for one of several values, as one for each: an earlier rule may have ended this, another that. */
function byValue(term: Term): readonly Term[] {
  const several = term.findIndex(
    ({ atom, holds }) =>
      holds && atom.values.length > 1 && atom.values.length <= VALUES_MAX && atom.predicate !== 'opaque',
  );
  const literal = term[several];
  if (literal === undefined) return [term];
  return literal.atom.values.map((value) => term.with(several, { atom: withValue(literal.atom, value), holds: true }));
}

const VALUES_MAX = 16;
