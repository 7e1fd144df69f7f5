import type { Leaf } from '../language/leaf.js';
import type { Target } from '../language/targets.js';
import { FactIndex } from './fact-index.js';
import { NeedleTable, type Needle } from './needle-table.js';
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

  /** `requirements` by index of the rule; `leaves` all of the set. */
  constructor(requirements: readonly (Requirement | undefined)[], leaves: Iterable<Leaf>) {
    const ids = new NeedleIds();
    this.#needles = new Map(
      [...leaves].flatMap(({ targets, needles }) =>
        targets.flatMap((target, n) => {
          const these = needles[n];
          return these === undefined ? [] : [[target, these.map((needle) => ids.of(needle))] as const];
        }),
      ),
    );
    const indexes = new Map<string, FactIndex>();
    requirements.forEach((requirement, rule) => {
      for (const { leaf, needs } of requirement ?? []) {
        const index = indexes.get(leaf.factKey) ?? new FactIndex(leaf);
        indexes.set(leaf.factKey, index);
        for (const need of needs) index.add(need, rule, ({ needle }) => ids.of(needle));
      }
    });
    const all = [...indexes.values()];
    for (const index of all) index.close();
    this.table = new NeedleTable(ids.all);
    this.always = [...requirements.keys()].filter((rule) => requirements[rule] === undefined);
    this.ruleCount = requirements.length;
    const others = all.filter(({ leaf }) => leaf.fact !== 'header');
    this.ofMessage = others.filter(({ leaf }) => !leaf.spec.isOfRecipient);
    this.ofRecipient = others.filter(({ leaf }) => leaf.spec.isOfRecipient);
    const ofHeader = all.filter(({ leaf }) => leaf.fact === 'header');
    this.headers = new Map(ofHeader.map((index) => [index.leaf.headerName, index]));
  }

  /** Needles one of which stands wherever a value of a condition is found; `undefined` where none can be told. */
  needlesOf(target: Target): readonly number[] | undefined {
    return this.#needles.get(target);
  }
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
