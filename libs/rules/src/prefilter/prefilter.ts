import type { Steps } from '../compile/steps.js';
import type { Leaf } from '../language/leaf.js';
import type { Target } from '../language/targets.js';
import { FactIndex } from './fact-index.js';
import { needleTableInSteps } from './make-needle-table.js';
import type { Needle, NeedleTable } from './needle-table.js';
import type { Requirement } from './requirement.js';

/** The requirements of all rules of a set, so arranged that one pass over a message finds the rules that may match. */
export class Prefilter {
  /** Every text that a condition of the set looks for, those in exceptions and behind `not` too. */
  readonly table: NeedleTable;
  /** Rules without a requirement, by index. */
  readonly always: readonly number[];
  readonly ruleCount: number;
  /** Facts of the message that requirements read, but for `header`. */
  readonly ofMessage: readonly FactIndex[];
  /** Facts of a recipient that requirements read. */
  readonly ofRecipient: readonly FactIndex[];
  /** Fields of the header that requirements read, by lower-case name. */
  readonly headers: ReadonlyMap<string, FactIndex>;
  readonly #needles: ReadonlyMap<Target, readonly number[]>;

  constructor({ requirements, indexes, table, needles }: PrefilterParts) {
    this.table = table;
    this.#needles = needles;
    this.always = [...requirements.keys()].filter((rule) => requirements[rule] === undefined);
    this.ruleCount = requirements.length;
    const others = indexes.filter(({ leaf }) => leaf.fact !== 'header');
    this.ofMessage = others.filter(({ leaf }) => !leaf.spec.isOfRecipient);
    this.ofRecipient = others.filter(({ leaf }) => leaf.spec.isOfRecipient);
    const ofHeader = indexes.filter(({ leaf }) => leaf.fact === 'header');
    this.headers = new Map(ofHeader.map((index) => [index.leaf.name, index]));
  }

  /** Needles one of which stands wherever a value of a condition is found; `undefined` where none can be told. */
  needlesOf(target: Target): readonly number[] | undefined {
    return this.#needles.get(target);
  }
}

interface PrefilterParts {
  readonly requirements: readonly (Requirement | undefined)[];
  readonly indexes: readonly FactIndex[];
  readonly table: NeedleTable;
  readonly needles: ReadonlyMap<Target, readonly number[]>;
}

/** Makes a prefilter. `requirements` by index of the rule; `leaves` all of the set. */
export function* prefilterInSteps(
  requirements: readonly (Requirement | undefined)[],
  leaves: readonly Leaf[],
): Steps<Prefilter> {
  const ids = new NeedleIds();
  const needles = new Map<Target, readonly number[]>();
  for (const leaf of leaves) {
    leaf.targets.forEach((target, n) => {
      const these = leaf.needles[n];
      if (these !== undefined)
        needles.set(
          target,
          these.map((needle) => ids.of(needle)),
        );
    });
    yield;
  }
  const byFact = new Map<string, FactIndex>();
  for (const [rule, requirement] of requirements.entries()) {
    for (const { leaf, needs } of requirement ?? []) {
      const index = byFact.get(leaf.factKey) ?? new FactIndex(leaf);
      byFact.set(leaf.factKey, index);
      for (const need of needs) index.add(need, rule, ({ needle }) => ids.of(needle));
    }
    yield;
  }
  const indexes = [...byFact.values()];
  for (const index of indexes) index.close();
  const table = yield* needleTableInSteps(ids.all);
  return new Prefilter({ requirements, indexes, table, needles });
}

/** Equal needles are one. */
class NeedleIds {
  readonly all: Needle[] = [];
  readonly #ids = new Map<string, number>();

  of(needle: Needle): number {
    const key = `${needle.isWord ? 'w' : 't'}${needle.text}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.all.length;
      this.#ids.set(key, id);
      this.all.push(needle);
    }
    return id;
  }
}
