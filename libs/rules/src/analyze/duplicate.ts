import { canonicalRule } from './canonical.js';
import type { Finding } from './findings.js';
import { isForBranch, type RuleView } from './rule-view.js';
import type { RuleViews } from './rule-views.js';

/** Finds rules that say what an earlier one says. One use only, asked for each rule in order. */
export class Duplicates {
  readonly #seen = new Map<string, RuleView>();

  constructor(private readonly views: RuleViews) {}

  find(view: RuleView): Finding | undefined {
    const key = canonicalRule(view);
    const earlier = this.#seen.get(key);
    this.#seen.set(key, view);
    if (earlier === undefined) return undefined;
    // What a rule between them wrote may make the later one match where the earlier did not.
    if (view.atoms.some((atom) => this.views.isChangedBetween(atom, earlier.index, view.index))) return undefined;
    // Where one recipient is enough for all of a branch, whoever joined it meanwhile counts.
    if (isForBranch(view) && this.views.isWrittenBetween(earlier.index, view.index)) return undefined;
    return {
      kind: 'duplicate',
      rules: [view.rule.id, earlier.rule.id],
      message: 'an earlier rule does the same for the same mail; remove one of them',
    };
  }
}
