import type { Leaf } from '../language/leaf.js';
import type { Asked } from './asked.js';
import type { Person } from './person.js';
import type { RecipientKinds } from './recipient-kinds.js';

/** Recipients for whom rules are still asked and to whom the message looks the same; as it is now, and so for a short time. */
export class Branch {
  readonly #examples = new Map<readonly Leaf[], readonly Asked[]>();

  constructor(
    readonly people: readonly Person[],
    private readonly kinds: RecipientKinds,
  ) {}

  /** One recipient of each kind that these facts tell apart. `facts` as compiled: equal lists are one list. */
  examples(facts: readonly Leaf[]): readonly Asked[] {
    let examples = this.#examples.get(facts);
    if (examples === undefined) {
      const byKind = new Map<number, Asked>();
      for (const person of facts.length === 0 ? this.people.slice(0, 1) : this.people) {
        const one = { person, look: person.look };
        const kind = this.kinds.of(facts, one);
        if (!byKind.has(kind)) byKind.set(kind, one);
      }
      examples = [...byKind.values()];
      this.#examples.set(facts, examples);
    }
    return examples;
  }
}

/** Recipients for whom rules are still asked, by how the message looks to them. */
export function branchesOf(people: readonly Person[], kinds: RecipientKinds): readonly Branch[] {
  const active = people.filter(({ ended }) => ended === null);
  return [...Map.groupBy(active, ({ look }) => look).values()].map((members) => new Branch(members, kinds));
}
