import type { Tree } from '../compile/tree.js';
import type { FactIndex } from '../prefilter/fact-index.js';
import type { Prefilter } from '../prefilter/prefilter.js';
import type { HeaderEdit } from '../types.js';
import type { FactValues } from './fact-values.js';
import type { JudgeMeans } from './judge-leaf.js';
import type { Person } from './person.js';
import type { TextHits } from '../prefilter/text-hits.js';
import type { Truth } from './truth.js';

/**
 * Whether a tree is false because a leaf that it cannot be true without is false, or one that it cannot be true with is
 * true: then the engine need not be asked. `truthAt` by the leaf's position.
 */
export function isRuledOut({ needed, barred }: Tree, truthAt: (position: number) => Truth): boolean {
  return (
    needed.some((position) => truthAt(position) === false) || barred.some((position) => truthAt(position) === true)
  );
}

/**
 * The rules of one message whose requirement was met by a value that a fact had for somebody, or cannot be told because the
 * fact is in error. The set only grows: whoever is not in it when a rule is asked for them meets conditions that are false.
 */
export class Candidates {
  readonly #isCandidate: Uint8Array<ArrayBuffer>;
  readonly #met = new Map<FactIndex, Set<number>>();
  readonly #looks = new Set<number>();
  readonly #people = new Set<number>();
  readonly #tell = (rule: number): void => {
    this.#isCandidate[rule] = 1;
  };

  constructor(
    private readonly prefilter: Prefilter,
    /** Names of the header fields of the message, in lower case: of others there is nothing to be met. */
    private readonly received: readonly string[],
    private readonly values: FactValues,
    private readonly means: Pick<JudgeMeans, 'forms'> & { readonly hits: TextHits },
  ) {
    this.#isCandidate = new Uint8Array(prefilter.ruleCount);
    prefilter.always.forEach(this.#tell);
  }

  has(rule: number): boolean {
    return this.#isCandidate[rule] === 1;
  }

  /** The first candidate from this index on, `-1` if there is none. */
  next(from: number): number {
    return this.#isCandidate.indexOf(1, from);
  }

  /** Takes in what the message is to somebody now: to be told of everybody, and again when their look has changed. */
  see(person: Person): void {
    const { factsId, edits } = person.look;
    const { ofMessage, ofRecipient, headers } = this.prefilter;
    if (!this.#looks.has(factsId)) {
      for (const index of ofMessage)
        if (this.#looks.size === 0 || index.leaf.spec.isWritable) this.#meet(index, person);
      for (const name of new Set([...this.received, ...edits.map(fieldOf)])) {
        const index = headers.get(name);
        if (index !== undefined) this.#meet(index, person);
      }
      this.#looks.add(factsId);
    }
    const isNew = !this.#people.has(person.index);
    for (const index of ofRecipient) if (isNew || index.leaf.spec.isWritable) this.#meet(index, person);
    this.#people.add(person.index);
  }

  #meet(index: FactIndex, person: Person): void {
    const { id, elements } = this.values.of(index.leaf, person.look, person);
    let met = this.#met.get(index);
    if (met === undefined) {
      met = new Set();
      this.#met.set(index, met);
    }
    if (met.has(id)) return;
    met.add(id);
    index.meet(elements, this.means.forms, this.means.hits, this.#tell);
  }
}

/** The header field, in lower case, that an edit writes. */
function fieldOf(edit: HeaderEdit): string {
  if (edit.type === 'setSubject') return 'subject';
  return edit.type === 'addAddress' ? edit.field : edit.name.toLowerCase();
}
