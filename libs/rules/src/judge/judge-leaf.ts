import type { Leaf } from '../language/leaf.js';
import type { DecoratorName } from '../language/operators.js';
import type { Hit, Scalar, Target } from '../language/targets.js';
import type { TextHits } from '../prefilter/text-hits.js';
import type { Budget } from './budget.js';
import type { Outside } from './outside.js';
import type { Elements } from './read-fact.js';
import type { TextForms } from './text-forms.js';
import { allOf, anyOf, negate, type Truth } from './truth.js';

/** At most so many pieces of evidence stand in a trace, each so long. */
export const EVIDENCE_MAX = 20;
export const EVIDENCE_CHARS_MAX = 200;

export interface LeafResult {
  readonly truth: Truth;
  readonly evidence: readonly string[];
}

/** What judging a leaf needs besides the leaf and its fact. */
export interface JudgeMeans {
  readonly forms: TextForms;
  readonly budget: Budget;
  /** What one pass over each text has found; without it every value is looked for by itself. */
  readonly hits?: TextHits;
  /** Without it what conditions ask of it is in error. */
  readonly outside?: Outside;
}

const NO_EVIDENCE: readonly string[] = [];

/**
 * Judges one leaf over the elements of its fact, list semantics and decorators included. Evidence is collected only
 * where the leaf is true because something was found.
 */
export function judgeLeaf(leaf: Leaf, elements: Elements, means: JudgeMeans): LeafResult {
  if ('errorCode' in elements) return { truth: elements.errorCode, evidence: NO_EVIDENCE };
  if (means.budget.isSpent()) return { truth: 'ERR_JUDGE_BUDGET', evidence: NO_EVIDENCE };
  const evidence: string[] = [];
  const { decorators } = leaf.parsed;
  let truth: Truth;
  if (leaf.parsed.spec.predicate === 'exists') {
    truth = elements.items.length > 0 === leaf.expectsPresence;
    if (truth && leaf.expectsPresence) for (const item of elements.items) note(evidence, String(item));
    for (const decorator of decorators) if (decorator === 'not') truth = negate(truth);
  } else {
    truth = decorated(leaf, 0, elements.items, leaf.targets, (hit) => note(evidence, hit), means);
  }
  const isNegated = leaf.parsed.spec.isNegated !== decorators.filter((name) => name === 'not').length % 2 > 0;
  return { truth, evidence: truth === true && !isNegated ? evidence : NO_EVIDENCE };
}

function note(evidence: string[], text: string): void {
  if (evidence.length < EVIDENCE_MAX && !evidence.includes(text.slice(0, EVIDENCE_CHARS_MAX))) {
    evidence.push(text.slice(0, EVIDENCE_CHARS_MAX));
  }
}

/** Decorators read from left to right; what is left at the end is the operator itself, over lists. */
function decorated(
  leaf: Leaf,
  at: number,
  items: readonly Scalar[],
  targets: readonly Target[],
  onHit: (evidence: string) => void,
  means: JudgeMeans,
): Truth {
  const decorator: DecoratorName | undefined = leaf.parsed.decorators[at];
  const next = (facts: readonly Scalar[], values: readonly Target[]): Truth =>
    decorated(leaf, at + 1, facts, values, onHit, means);
  switch (decorator) {
    case undefined: {
      const truth = someOfSome(readingsOf(leaf, items, means.forms), targets, onHit, means);
      return leaf.parsed.spec.isNegated ? negate(truth) : truth;
    }
    case 'not':
      return negate(next(items, targets));
    case 'everyFact':
      return allOf(items.map((item) => next([item], targets)));
    case 'someFact':
      return anyOf(items.map((item) => next([item], targets)));
    case 'everyValue':
      return allOf(targets.map((target) => next(items, [target])));
    case 'someValue':
      return anyOf(targets.map((target) => next(items, [target])));
  }
}

/** A text is what it is for one of its readings, so that characters that nobody sees hide nothing. */
function readingsOf({ spec }: Leaf, items: readonly Scalar[], forms: TextForms): readonly Scalar[] {
  if (spec.type !== 'text') return items;
  return items.flatMap((item): readonly Scalar[] => (typeof item === 'string' ? forms.readings(item) : [item]));
}

function someOfSome(
  items: readonly Scalar[],
  targets: readonly Target[],
  onHit: (evidence: string) => void,
  { forms, budget, hits, outside }: JudgeMeans,
): Truth {
  let truth: Truth = false;
  for (const target of targets) {
    for (const item of items) {
      const start = typeof item === 'string' && hits !== undefined ? hits.startOf(target, item) : 0;
      if (start < 0) continue;
      if (budget.isSpent()) return truth === true ? true : 'ERR_JUDGE_BUDGET';
      const hit: Hit = target(item, forms, start, outside);
      if (hit === null) continue;
      if ('evidence' in hit) {
        onHit(hit.evidence);
        truth = true;
        break;
      }
      if (truth === false) truth = hit.errorCode;
    }
  }
  return truth;
}
