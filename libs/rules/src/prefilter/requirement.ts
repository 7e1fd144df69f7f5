import type { Node, Tree } from '../compile/tree.js';
import type { Leaf } from '../language/leaf.js';
import { leastLikely } from './chance.js';
import { chanceOfOne, needsOf, type Need } from './need.js';

/** One condition of a requirement: one of its needs must be met, or its fact be in error. */
export interface RequiredLeaf {
  readonly leaf: Leaf;
  /** JSON pointer from the rule. */
  readonly path: string;
  readonly needs: readonly Need[];
}

/** Conditions of a rule one of which must be met for its conditions to be true. */
export type Requirement = readonly RequiredLeaf[];

/**
 * What must be so for a tree to be true, else it is false (never in error): through `all` the part that is least likely,
 * through `any` every part, through `not` nothing. `undefined` if there is no requirement.
 */
export function requirementOf({ root, leaves }: Pick<Tree, 'root' | 'leaves'>): Requirement | undefined {
  const ofNode = (node: Node): Requirement | undefined => {
    if ('all' in node) {
      const known = node.all.map(ofNode).filter((part) => part !== undefined);
      return leastLikely(known, chanceOfRequirement);
    }
    if ('any' in node) {
      const parts = node.any.map(ofNode);
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    if ('not' in node) return undefined;
    const found = leaves[node.position];
    const needs = found === undefined ? undefined : needsOf(found.leaf);
    return found === undefined || needs === undefined ? undefined : [{ leaf: found.leaf, path: found.path, needs }];
  };
  return ofNode(root);
}

function chanceOfRequirement(requirement: Requirement): number {
  return requirement.reduce((sum, { leaf, needs }) => sum + chanceOfOne(needs, leaf), 0);
}
