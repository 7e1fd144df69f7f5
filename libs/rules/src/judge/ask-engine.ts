import { Engine, type TopLevelCondition } from 'json-rules-engine';
import type { Node } from '../compile/tree.js';
import { engineIncomplete } from '../errors.js';

type EngineNode = Extract<TopLevelCondition, { all: unknown }>['all'][number];

/** A tree, and for each of its leaves, by position, whether it holds. */
export interface Question {
  readonly root: Node;
  readonly holds: readonly boolean[];
}

const FACT = 'leaves';
const OPERATOR = 'holds';
const EVENT = { type: 'answer' };

/**
 * Asks json-rules-engine which trees are true, in a fresh engine: one that is shared by runs at the same time loses rules
 * without an error. The engine gets trees over leaves that are judged already, one constant fact and one operator, so
 * nothing in it can fail, wait, or be cached under a wrong key. Answers are counted.
 * Throws `ERR_ENGINE_INCOMPLETE` if one is missing, and whatever the engine throws.
 */
export async function askEngine(
  questions: readonly Question[],
  newEngine: () => Engine = () => new Engine(),
): Promise<readonly boolean[]> {
  if (questions.length === 0) return [];
  const engine = newEngine();
  const holds: boolean[] = [];
  engine.addOperator<readonly boolean[], number>(OPERATOR, (leaves, place) => leaves[place] === true);
  engine.addFact(FACT, holds);
  questions.forEach((question, index) => {
    engine.addRule({ name: String(index), conditions: engineRoot(question.root, holds.length), event: EVENT });
    holds.push(...question.holds);
  });
  const { results, failureResults } = await engine.run();
  const answers = new Map<string, boolean>();
  for (const { name } of results) answers.set(name, true);
  for (const { name } of failureResults) answers.set(name, false);
  const answered = results.length + failureResults.length;
  if (answered !== questions.length || answers.size !== questions.length) {
    throw engineIncomplete(questions.length, answered);
  }
  return questions.map((_question, index) => answers.get(String(index)) === true);
}

/** The engine takes no lone leaf as the conditions of a rule. */
function engineRoot(root: Node, offset: number): TopLevelCondition {
  const node = engineNode(root, offset);
  return 'fact' in node ? { all: [node] } : node;
}

function engineNode(node: Node, offset: number): EngineNode {
  if ('all' in node) return { all: node.all.map((part) => engineNode(part, offset)) };
  if ('any' in node) return { any: node.any.map((part) => engineNode(part, offset)) };
  if ('not' in node) return { not: engineNode(node.not, offset) };
  return { fact: FACT, operator: OPERATOR, value: offset + node.position };
}
