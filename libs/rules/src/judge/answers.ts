import type { CompiledRule, CompiledRuleSet } from '../compile/compile-rule-set.js';
import { treeTruth, type Tree } from '../compile/tree.js';
import { RulesError } from '../errors.js';
import type { FactRecord } from '../types.js';
import { askEngine, type Question } from './ask-engine.js';
import { TextHits } from '../prefilter/text-hits.js';
import type { Asked } from './asked.js';
import type { Branch } from './branch.js';
import type { Budget } from './budget.js';
import { isRuledOut } from './candidates.js';
import { FactValues } from './fact-values.js';
import { KINDS_MAX, RecipientKinds } from './recipient-kinds.js';
import { judgeLeaf, type JudgeMeans, type LeafResult } from './judge-leaf.js';
import { Outside } from './outside.js';
import { TextForms } from './text-forms.js';
import type { Truth } from './truth.js';

/** A tree whose leaves have some truths. */
interface Row {
  readonly truths: readonly Truth[];
  readonly hasErrors: boolean;
  /** `undefined` until it was asked for. */
  truth: Truth | undefined;
}

interface TreeRows {
  readonly byTruths: Map<string, Row>;
  /** By the number of the look's facts and the kind of the recipient. */
  readonly byAsked: Map<number, Row>;
}

/**
 * What every condition of a rule set says in one run. A leaf is judged once for each distinct value of its fact, a tree
 * is asked once for each distinct row of truths of its leaves.
 */
export class Answers {
  readonly values: FactValues;
  readonly kinds: RecipientKinds;
  readonly means: JudgeMeans & { readonly hits: TextHits };
  /** By leaf, then by value of its fact. */
  readonly #leaves: LeafResult[][] = [];
  readonly #trees = new Map<Tree, TreeRows>();

  constructor(
    compiled: CompiledRuleSet,
    record: FactRecord,
    budget: Budget,
    private readonly ask: (questions: readonly Question[]) => Promise<readonly boolean[]> = askEngine,
  ) {
    this.values = new FactValues(record, compiled.settings);
    this.kinds = new RecipientKinds(this.values);
    const forms = new TextForms();
    this.means = { forms, budget, hits: new TextHits(compiled.prefilter, forms), outside: new Outside(record) };
  }

  /** One leaf of a tree, with its evidence. */
  leaf(tree: Tree, position: number, { look, person }: Asked): LeafResult {
    const leaf = tree.leaves[position]?.leaf;
    if (leaf === undefined) throw new RangeError('no such leaf');
    const { id, elements } = this.values.of(leaf, look, person);
    const results = (this.#leaves[leaf.id] ??= []);
    return (results[id] ??= judgeLeaf(leaf, elements, this.means));
  }

  /** The truth of a tree, or `undefined` if the engine has not been asked for it: {@link prepare}. */
  tree(tree: Tree, asked: Asked): Truth | undefined {
    return this.#rowOf(tree, asked).truth;
  }

  knows({ conditions, exceptions }: CompiledRule, asked: readonly Asked[]): boolean {
    const trees = exceptions === null ? [conditions] : [conditions, exceptions];
    return trees.every((tree) => asked.every((one) => this.tree(tree, one) !== undefined));
  }

  /** Whether a rule is for nobody in a branch since one of its conditions alone makes that so: whatever its exceptions say. */
  isRuledOut({ conditions }: CompiledRule, branch: Branch): boolean {
    const examples = branch.examples(conditions.recipientFacts);
    return examples.every((one) => isRuledOut(conditions, (position) => this.leaf(conditions, position, one).truth));
  }

  /** Finds the truth of all trees of these rules in these branches, in one run of the engine. */
  async prepare(rules: readonly CompiledRule[], branches: readonly Branch[]): Promise<void> {
    const open = new Map<Row, Tree>();
    for (const branch of branches) {
      for (const rule of rules) {
        if (this.isRuledOut(rule, branch)) continue;
        const { conditions, exceptions } = rule;
        for (const tree of exceptions === null ? [conditions] : [conditions, exceptions]) {
          for (const one of branch.examples(tree.recipientFacts)) {
            const row = this.#rowOf(tree, one);
            if (row.truth === undefined) open.set(row, tree);
          }
        }
      }
    }
    await this.#settle([...open]);
  }

  /**
   * The engine knows no errors: a row with leaves in error is put to it twice, once with each error as what makes the
   * tree least likely and once as what makes it most likely. It is in error if the two differ (Kleene's strong logic).
   */
  async #settle(open: readonly (readonly [Row, Tree])[]): Promise<void> {
    const questions = open.flatMap(([{ truths, hasErrors }, tree]) =>
      [false, ...(hasErrors ? [true] : [])].map((isHopeful) => questionOf(tree, truths, isHopeful)),
    );
    const answers = await this.#answersTo(questions);
    let next = 0;
    for (const [row, { root }] of open) {
      const least = answers?.[next++];
      const most = row.hasErrors ? answers?.[next++] : least;
      if (least === undefined || most === undefined) row.truth = 'ERR_ENGINE_FAILED';
      else {
        const truth = treeTruth(root, row.truths);
        const isAgreed = least === most ? truth === least : typeof truth === 'string';
        row.truth = isAgreed ? truth : 'ERR_ENGINE_DISAGREES';
      }
    }
  }

  /** `undefined` if the engine rejected the run. A missing answer is a defect and is thrown. */
  async #answersTo(questions: readonly Question[]): Promise<readonly boolean[] | undefined> {
    try {
      return await this.ask(questions);
    } catch (error) {
      if (error instanceof RulesError) throw error;
      return undefined;
    }
  }

  #rowOf(tree: Tree, asked: Asked): Row {
    let rows = this.#trees.get(tree);
    if (rows === undefined) {
      rows = { byTruths: new Map(), byAsked: new Map() };
      this.#trees.set(tree, rows);
    }
    const by = asked.look.factsId * KINDS_MAX + this.kinds.of(tree.recipientFacts, asked);
    let row = rows.byAsked.get(by);
    if (row === undefined) {
      const truths = tree.leaves.map((_leaf, position) => this.leaf(tree, position, asked).truth);
      const hasErrors = truths.some((truth) => typeof truth === 'string');
      const key = hasErrors ? JSON.stringify(truths) : truths.join();
      row = rows.byTruths.get(key);
      if (row === undefined) {
        const isFalse = isRuledOut(tree, (position) => truths[position] ?? false);
        row = { truths, hasErrors, truth: isFalse ? false : undefined };
        rows.byTruths.set(key, row);
      }
      rows.byAsked.set(by, row);
    }
    return row;
  }
}

function questionOf({ root, leaves }: Tree, truths: readonly Truth[], isHopeful: boolean): Question {
  const holds = truths.map((truth, position) =>
    typeof truth === 'string' ? isHopeful !== (leaves[position]?.isUnderNot ?? false) : truth,
  );
  return { root, holds };
}
