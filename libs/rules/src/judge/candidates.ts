import type { Tree } from '../compile/tree.js';
import type { Truth } from './truth.js';

/**
 * Whether a tree is false because a leaf that it cannot be true without is false: then the engine need not be asked.
 * This is the place of a prefilter that knows so from one pass over the text, before the leaves are judged.
 */
export function isRuledOut(tree: Tree, truths: readonly Truth[]): boolean {
  return tree.needed.some((position) => truths[position] === false);
}
