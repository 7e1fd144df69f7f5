import { foldText } from '../text/fold-text.js';
import type { Scalar } from '../language/targets.js';
import type { Literal, Term } from './literal.js';
import type { RuleView } from './rule-view.js';

/**
 * Finds among many rules the few that may match wherever a term is so, by the words that they ask for: whatever implies
 * that a word is there has that word in a value of its own. A rule of which no word can be told is always among them.
 */
export class CoverIndex<Entry extends { readonly view: RuleView }> {
  readonly #byWord = new Map<string, Entry[]>();
  readonly #others: Entry[] = [];

  add(entry: Entry): void {
    const words = wordsAsked(entry.view);
    if (words === undefined) this.#others.push(entry);
    for (const word of new Set(words)) {
      const entries = this.#byWord.get(word);
      if (entries === undefined) this.#byWord.set(word, [entry]);
      else entries.push(entry);
    }
  }

  /** In the order in which the rules are asked. */
  for(term: Term): readonly Entry[] {
    const words = new Set(term.filter(({ holds }) => holds).flatMap(({ atom }) => atom.values.flatMap(wordsIn)));
    const found = new Set(this.#others);
    for (const word of words) for (const entry of this.#byWord.get(word) ?? []) found.add(entry);
    return [...found].sort((a, b) => a.view.index - b.view.index);
  }
}

/** Words one of which stands in a value of whatever implies that the rule matches: the first of each value. */
function wordsAsked({ missing = [] }: RuleView): readonly string[] | undefined {
  const single = missing.flatMap((term): readonly Literal[] => (term.length === 1 ? term : []));
  const asked = single.filter(({ atom, holds }) => !holds && WORDED.has(atom.predicate) && atom.known === undefined);
  const { atom } = asked.find(({ atom: one }) => one.type === 'text') ?? asked[0] ?? {};
  const words = atom?.values.map((value) => wordsIn(value)[0]);
  return words?.includes(undefined) === false ? words.filter((word) => word !== undefined) : undefined;
}

/** What they look for stands whole in a value that implies it. */
const WORDED: ReadonlySet<string> = new Set(['containsWords', 'equal', 'underDomain']);

function wordsIn(value: Scalar): readonly string[] {
  return typeof value === 'string' ? (foldText(value).match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []) : [];
}
