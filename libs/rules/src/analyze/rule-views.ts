import type { RuleSetContent } from '../types.js';
import { CoverIndex } from './cover-index.js';
import type { Effort } from './effort.js';
import { contradicts } from './contradicts.js';
import { isChange, mayChange } from './writes.js';
import type { Atom, Term } from './literal.js';
import { viewOf, type RuleView } from './rule-view.js';

/** Facts that cannot be in error, asked without a pattern. */
const ERROR_PROOF =
  /^(?:recipient\.(?:address|domain|in|keys)|recipients\..*|rcptTo|sender\.(?:address|domain|scope|isAuthenticated|ip)(?::.*)?)$/;

/** All rules of a set, as the analysis sees them, and what it asks of two of them. */
export class RuleViews {
  /** Those that end the rules for whom they act for. */
  readonly enders: readonly RuleView[];
  readonly #endersByWord = new CoverIndex<{ readonly view: RuleView }>();
  readonly #writers = new Map<string, readonly number[]>();
  readonly #senders: readonly RuleView[];

  private constructor(readonly all: readonly RuleView[]) {
    this.#senders = all.filter(({ isSending, isAwake, rule }) => isSending && isAwake && rule.mode === 'enforce');
    this.enders = all.filter(({ isInForce, stops, blocks }) => isInForce && (stops || blocks));
    for (const view of this.enders) this.#endersByWord.add({ view });
  }

  /** `atMs`: rules whose time is over by then are not awake. Rules that the effort does not reach are left out. */
  static async of(content: RuleSetContent, atMs: number, effort: Effort): Promise<RuleViews> {
    const { settings, conditions = {} } = content;
    const all: RuleView[] = [];
    for (const [index, rule] of content.rules.entries()) {
      if (effort.isSpent) break;
      const view = viewOf(rule, index, { settings, conditions }, atMs);
      all.push(view);
      await effort.spend(20 + view.atoms.length);
    }
    return new RuleViews(all);
  }

  /** Those of them that may have matched wherever a term is so. */
  endersFor(term: Term): readonly RuleView[] {
    return this.#endersByWord.for(term).map(({ view }) => view);
  }

  /** Whether a rule between two (indexes, neither included) may change what an atom says. */
  isChangedBetween(atom: Atom, first: number, last: number): boolean {
    if (!atom.isWritable) return false;
    let writers = this.#writers.get(atom.factKey);
    if (writers === undefined) {
      const changing = this.all.filter(
        ({ isAwake, rule }) =>
          isAwake && rule.mode === 'enforce' && rule.actions.some((action) => mayChange(action, atom)),
      );
      writers = changing.map(({ index }) => index);
      this.#writers.set(atom.factKey, writers);
    }
    return writers.some((index) => index > first && index < last);
  }

  /** Whether a rule at one of these indexes (both included) may change how the message looks to somebody. */
  isWrittenBetween(first: number, last: number): boolean {
    return this.all
      .slice(first, last + 1)
      .some(({ isAwake, rule }) => isAwake && rule.mode === 'enforce' && rule.actions.some(isChange));
  }

  /** What of a term of the rule at `last` was so already when the rule at `first` was asked. */
  unchanged(term: Term, first: number, last: number): Term {
    const isChanged = ({ atom }: Term[number]): boolean => this.isChangedBetween(atom, first, last);
    return term.some(isChanged) ? term.filter((one) => !isChanged(one)) : term;
  }

  /** Whether an earlier rule has matched, or has held the copy, wherever a term of a later one is so. */
  covers(earlier: RuleView, later: RuleView, term: Term): boolean {
    if (!earlier.isInForce || earlier.missing === undefined) return false;
    if (earlier.fromMs > later.fromMs || earlier.untilMs < later.untilMs) return false;
    if (!earlier.holdsErrors && !isErrorProof(earlier)) return false;
    if (earlier.missing.length === 0) return true;
    const known = this.unchanged(term, earlier.index, later.index);
    return earlier.missing.every((missing) => excludes(known, missing));
  }

  /** Whether a rule at one of these indexes (both included) changes who gets the message; with `redirect` alone. */
  isSentBetween(first: number, last: number, redirectOnly = false): boolean {
    return this.#senders.some(
      ({ index, rule }) =>
        index >= first && index <= last && (!redirectOnly || rule.actions.some(({ type }) => type === 'redirect')),
    );
  }
}

/** Whether two terms cannot both be so. */
export function excludes(one: Term, other: Term): boolean {
  return other.some((literal) => one.some((known) => contradicts(known, literal)));
}

function isErrorProof({ atoms, readsSubject }: RuleView): boolean {
  return !readsSubject && atoms.every(({ factKey, predicate }) => predicate !== 'matches' && ERROR_PROOF.test(factKey));
}
