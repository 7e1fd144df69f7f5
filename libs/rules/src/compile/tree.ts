import { compileLeaf, type Leaf } from '../language/leaf.js';
import { allOf, anyOf, negate, type Truth } from '../judge/truth.js';
import { ConditionNames } from '../save/condition-names.js';
import type { PatternRoom } from '../text/pattern-room.js';
import type { Condition, LeafCondition } from '../types.js';

/** A condition whose leaves are numbered in the order in which they are written. */
export type Node =
  | { readonly all: readonly Node[] }
  | { readonly any: readonly Node[] }
  | { readonly not: Node }
  | { readonly position: number };

export interface TreeLeaf {
  readonly leaf: Leaf;
  /** JSON pointer from the rule. */
  readonly path: string;
  /** Under an odd number of `not`. */
  readonly isUnderNot: boolean;
}

/** The conditions or the exceptions of a rule. */
export interface Tree {
  readonly root: Node;
  readonly leaves: readonly TreeLeaf[];
  /** Positions of leaves without which the tree cannot be true: those that only `all` leads to. */
  readonly needed: readonly number[];
  /** Likewise of leaves with which it cannot: those to whose `not` only `all` leads. */
  readonly barred: readonly number[];
  /**
   * What it asks of a recipient: one leaf for each such fact, the same list for all trees that ask the same. Recipients of
   * whom these facts say the same are alike to it.
   */
  readonly recipientFacts: readonly Leaf[];
}

/** Compiles leaves, equal ones of a rule set once. */
export class LeafTable {
  readonly #leaves = new Map<string, Leaf>();
  readonly #recipientFacts = new Map<string, readonly Leaf[]>();

  constructor(private readonly patterns: PatternRoom) {}

  all(): Iterable<Leaf> {
    return this.#leaves.values();
  }

  get(condition: LeafCondition): Leaf {
    const { fact, operator, value, params = {} } = condition;
    const key = JSON.stringify([fact, operator, value, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]);
    let leaf = this.#leaves.get(key);
    if (leaf === undefined) {
      leaf = compileLeaf(this.#leaves.size, condition, this.patterns);
      this.#leaves.set(key, leaf);
    }
    return leaf;
  }

  recipientFacts(leaves: readonly TreeLeaf[]): readonly Leaf[] {
    const ofRecipient = leaves.filter(({ leaf }) => leaf.spec.isOfRecipient);
    const byFact = new Map(ofRecipient.map(({ leaf }) => [leaf.factKey, leaf]));
    const facts = [...byFact.values()].sort((a, b) => (a.factKey < b.factKey ? -1 : 1));
    const key = JSON.stringify(facts.map(({ factKey }) => factKey));
    const known = this.#recipientFacts.get(key) ?? facts;
    this.#recipientFacts.set(key, known);
    return known;
  }
}

/**
 * Compiles a condition that `validateRule` let pass, with what names in it stand for; `at` is the pointer to it, and
 * pointers lead through names: `/conditions/all/0/condition/any/1`.
 */
export function compileTree(condition: Condition, at: string, table: LeafTable, names = new ConditionNames()): Tree {
  const leaves: TreeLeaf[] = [];
  const needed: number[] = [];
  const barred: number[] = [];
  const walk = (one: Condition, path: string, isUnderNot: boolean, isNeeded: boolean): Node => {
    if ('all' in one) return { all: one.all.map((part, n) => walk(part, `${path}/all/${n}`, isUnderNot, isNeeded)) };
    if ('any' in one) return { any: one.any.map((part, n) => walk(part, `${path}/any/${n}`, isUnderNot, false)) };
    if ('condition' in one) {
      const named = names.get(one.condition);
      if (named === undefined) throw new RangeError('no condition of this name');
      return walk(named, `${path}/condition`, isUnderNot, isNeeded);
    }
    if ('not' in one && isNeeded && isLeaf(names.resolve(one.not))) barred.push(leaves.length);
    if ('not' in one) return { not: walk(one.not, `${path}/not`, !isUnderNot, false) };
    const position = leaves.length;
    leaves.push({ leaf: table.get(one), path, isUnderNot });
    if (isNeeded) needed.push(position);
    return { position };
  };
  const root = walk(condition, at, false, true);
  return { root, leaves, needed, barred, recipientFacts: table.recipientFacts(leaves) };
}

function isLeaf(condition: Condition | undefined): boolean {
  return condition !== undefined && 'fact' in condition;
}

/** The tree over the truths of its leaves, in three-valued logic. */
export function treeTruth(node: Node, truths: readonly Truth[]): Truth {
  if ('all' in node) return allOf(node.all.map((part) => treeTruth(part, truths)));
  if ('any' in node) return anyOf(node.any.map((part) => treeTruth(part, truths)));
  if ('not' in node) return negate(treeTruth(node.not, truths));
  return truths[node.position] ?? false;
}
