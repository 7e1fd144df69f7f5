import type { Tree } from '../compile/tree.js';
import type { Leaf } from '../language/leaf.js';
import type { ConditionTrace } from '../types.js';
import type { Answers } from './answers.js';
import type { Asked } from './asked.js';
import type { LeafResult } from './judge-leaf.js';

/** Conditions that one verdict explains. */
export const EXPLAINED_MAX = 100_000;

/**
 * Every condition of a tree as it was judged, in the order in which they are written: one of the message once, one of a
 * recipient once for each. A condition of the message that branches see differently stands as where it was true, else as
 * where it was in error. They come behind those of the rule that are there already, `room` with them at most.
 */
export function explainTree(
  tree: Tree,
  asked: readonly Asked[],
  answers: Answers,
  room: number,
  traces: ConditionTrace[],
): void {
  const first = asked.length > 1 ? [...new Map(asked.map((one) => [one.look.factsId, one])).values()] : asked;
  tree.leaves.forEach(({ leaf, path }, position) => {
    const told = leaf.spec.isOfRecipient ? asked : [clearest(tree, position, first, answers)];
    for (const one of told.slice(0, Math.max(0, room - traces.length))) {
      if (one === undefined) continue;
      traces.push(traceOf(leaf, path, answers.leaf(tree, position, one), one));
    }
  });
}

function traceOf(leaf: Leaf, path: string, { truth, evidence }: LeafResult, { person }: Asked): ConditionTrace {
  const { fact, operator, spec } = leaf;
  const matched = truth === true;
  const recipient = spec.isOfRecipient ? person.address : undefined;
  if (typeof truth === 'string') {
    const told = { path, fact, operator, matched, errorCode: truth };
    return recipient === undefined ? { ...told, evidence } : { ...told, recipient, evidence };
  }
  return recipient === undefined
    ? { path, fact, operator, matched, evidence }
    : { path, fact, operator, matched, recipient, evidence };
}

function clearest(tree: Tree, position: number, asked: readonly Asked[], answers: Answers): Asked | undefined {
  if (asked.length < 2) return asked[0];
  const truthOf = (one: Asked): unknown => answers.leaf(tree, position, one).truth;
  return (
    asked.find((one) => truthOf(one) === true) ?? asked.find((one) => typeof truthOf(one) === 'string') ?? asked[0]
  );
}
