import type { Leaf } from '../language/leaf.js';
import type { Asked } from './asked.js';
import type { FactValues } from './fact-values.js';
import { PEOPLE_MAX, type Person } from './person.js';
import type { Look } from './look.js';

/** More than there can be kinds: one for each person and look at the most. */
export const KINDS_MAX = PEOPLE_MAX;

/**
 * Sorts the recipients of one run into kinds: two of whom the facts that a condition asks of say the same are of one kind to
 * that condition, so that it is judged once for both.
 */
export class RecipientKinds {
  readonly #byFacts = new Map<readonly Leaf[], KindsByFacts>();

  constructor(private readonly values: FactValues) {}

  /**
   * A small number, the same for recipients of one kind; 0 where nothing is asked of a recipient. `facts` as compiled: equal
   * lists are one list.
   */
  of(facts: readonly Leaf[], { look, person }: Asked): number {
    if (facts.length === 0) return 0;
    let kinds = this.#byFacts.get(facts);
    if (kinds === undefined) {
      kinds = new KindsByFacts(facts, this.values);
      this.#byFacts.set(facts, kinds);
    }
    return kinds.of(look, person);
  }
}

/** Kinds as one list of facts tells them apart. */
class KindsByFacts {
  readonly #isWritable: boolean;
  /** By person, and by look where rules may write one of the facts. */
  readonly #told = new Map<number, number>();
  readonly #numbers = new Map<string, number>();

  constructor(
    private readonly facts: readonly Leaf[],
    private readonly values: FactValues,
  ) {
    this.#isWritable = facts.some(({ spec }) => spec.isWritable);
  }

  of(look: Look, person: Person): number {
    const dependsOn = this.#isWritable ? look.factsId * PEOPLE_MAX + person.index : person.index;
    let kind = this.#told.get(dependsOn);
    if (kind === undefined) {
      const vector = this.facts.map((leaf) => this.values.of(leaf, look, person).id).join();
      kind = this.#numbers.get(vector) ?? this.#numbers.size;
      this.#numbers.set(vector, kind);
      this.#told.set(dependsOn, kind);
    }
    return kind;
  }
}
