import type { Condition } from '../types.js';

/** Named conditions in each other, from a rule on. */
export const NAMED_DEPTH_MAX = 50;

/** What a tree of conditions comes to with everything that its names stand for; any of them may be `Infinity`. */
export interface TreeSize {
  readonly leaves: number;
  readonly groups: number;
  /** Levels of `all`, `any` and `not`. */
  readonly levels: number;
  /** Named conditions in each other. */
  readonly depth: number;
  /** A name leads back to itself: nothing of this size can be written out. */
  readonly isCircular: boolean;
}

interface OwnSize {
  readonly leaves: number;
  readonly groups: number;
  readonly levels: number;
  /** How often each name stands in it, and at which level at most. */
  readonly names: ReadonlyMap<string, { readonly times: number; readonly level: number }>;
}

const CIRCULAR: TreeSize = { leaves: 0, groups: 0, levels: 0, depth: 0, isCircular: true };
const NOTHING: TreeSize = { ...CIRCULAR, isCircular: false };

/**
 * The named conditions that a rule may refer to. Sizes are worked out without writing anything out, each name once, so
 * that names which double each other fifty times over cost nothing.
 */
export class ConditionNames {
  readonly #sizes = new Map<string, TreeSize>();

  /** Each condition by itself was found valid; circles among them are found here. */
  constructor(private readonly byName: Readonly<Record<string, Condition>> = {}) {}

  get(name: string): Condition | undefined {
    return Object.hasOwn(this.byName, name) ? this.byName[name] : undefined;
  }

  /** The condition that is meant: behind a name what it stands for; `undefined` for a circle and an unknown name. */
  resolve(condition: Condition): Exclude<Condition, { readonly condition: string }> | undefined {
    let one: Condition | undefined = condition;
    for (let depth = 0; one !== undefined && 'condition' in one; depth += 1) {
      one = depth < NAMED_DEPTH_MAX ? this.get(one.condition) : undefined;
    }
    return one;
  }

  /** Of a name that is unknown: nothing. */
  sizeOfName(name: string): TreeSize {
    const path: { readonly name: string; readonly own: OwnSize; readonly open: Iterator<string> }[] = [];
    const onPath = new Set<string>();
    const enter = (one: string): void => {
      const condition = this.get(one);
      if (condition === undefined) this.#sizes.set(one, NOTHING);
      else {
        const own = ownSize(condition);
        path.push({ name: one, own, open: own.names.keys() });
        onPath.add(one);
      }
    };
    if (!this.#sizes.has(name)) enter(name);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const next = here.open.next();
      if (next.done === true) this.#sizes.set(here.name, this.#whole(here.own));
      else if (onPath.has(next.value)) this.#sizes.set(here.name, CIRCULAR);
      else if (this.#sizes.has(next.value)) continue;
      else {
        enter(next.value);
        continue;
      }
      path.pop();
      onPath.delete(here.name);
    }
    return this.#sizes.get(name) ?? NOTHING;
  }

  sizeOf(condition: Condition): TreeSize {
    const own = ownSize(condition);
    for (const name of own.names.keys()) this.sizeOfName(name);
    return this.#whole(own);
  }

  /** With the sizes of all its names, which are known. */
  #whole({ names, ...own }: OwnSize): TreeSize {
    let { leaves, groups, levels } = own;
    let depth = 0;
    for (const [name, { times, level }] of names) {
      const size = this.#sizes.get(name) ?? NOTHING;
      if (size.isCircular) return CIRCULAR;
      leaves += times * size.leaves;
      groups += times * size.groups;
      levels = Math.max(levels, level + size.levels);
      depth = Math.max(depth, 1 + size.depth);
    }
    return { leaves, groups, levels, depth, isCircular: false };
  }
}

function ownSize(root: Condition): OwnSize {
  let leaves = 0;
  let groups = 0;
  let levels = 0;
  const names = new Map<string, { times: number; level: number }>();
  const visits: { readonly one: Condition; readonly level: number }[] = [{ one: root, level: 0 }];
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { one, level } = visit;
    levels = Math.max(levels, level);
    if ('condition' in one) {
      const before = names.get(one.condition) ?? { times: 0, level: 0 };
      names.set(one.condition, { times: before.times + 1, level: Math.max(before.level, level) });
    } else if ('fact' in one) leaves += 1;
    else {
      groups += 1;
      const parts = 'all' in one ? one.all : 'any' in one ? one.any : [one.not];
      for (const part of parts) visits.push({ one: part, level: level + 1 });
    }
  }
  return { leaves, groups, levels, names };
}
