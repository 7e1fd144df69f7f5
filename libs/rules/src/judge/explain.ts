import type { Tree } from '../compile/tree.js';
import type { ConditionTrace } from '../types.js';
import type { Answers, Asked } from './answers.js';

/** Conditions that one verdict explains. */
export const EXPLAINED_MAX = 100_000;

/**
 * Every condition of a tree as it was judged, in the order in which they are written: one of the message once, one of a
 * recipient once for each. A condition of the message that branches see differently stands as where it was true, else as
 * where it was in error. `room` is how many more there may be.
 */
export function explainTree(tree: Tree, asked: readonly Asked[], answers: Answers, room: number): ConditionTrace[] {
  const first = asked.length > 1 ? [...new Map(asked.map((one) => [one.look.factsId, one])).values()] : asked;
  const traces: ConditionTrace[] = [];
  tree.leaves.forEach(({ leaf, path }, position) => {
    const { fact, operator } = leaf;
    const told = leaf.spec.isOfRecipient ? asked : [clearest(tree, position, first, answers)];
    for (const one of told.slice(0, Math.max(0, room - traces.length))) {
      if (one === undefined) continue;
      const { truth, evidence } = answers.leaf(tree, position, one);
      traces.push({
        path,
        fact,
        operator,
        matched: truth === true,
        ...(typeof truth === 'string' ? { errorCode: truth } : {}),
        ...(leaf.spec.isOfRecipient ? { recipient: one.person.address } : {}),
        evidence,
      });
    }
  });
  return traces;
}

function clearest(tree: Tree, position: number, asked: readonly Asked[], answers: Answers): Asked | undefined {
  if (asked.length < 2) return asked[0];
  const truthOf = (one: Asked): unknown => answers.leaf(tree, position, one).truth;
  return (
    asked.find((one) => truthOf(one) === true) ?? asked.find((one) => typeof truthOf(one) === 'string') ?? asked[0]
  );
}
