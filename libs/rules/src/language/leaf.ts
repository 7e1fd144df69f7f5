import { PatternRoom } from '../text/pattern-room.js';
import type { LeafCondition } from '../types.js';
import type { FactRead, SenderPlace } from './fact-read.js';
import { factSpec, type FactName } from './facts.js';
import type { ParsedOperator } from './operators.js';
import { parseOperator } from './operators.js';
import type { Needle } from '../prefilter/needle-table.js';
import { targetNeedles } from '../prefilter/target-needles.js';
import { compileTarget, type Scalar, type Target } from './targets.js';

/** One leaf condition, compiled once per rule set. Equal leaves of several rules share one. */
export interface Leaf extends FactRead {
  /** Its place in the table of the rule set. */
  readonly id: number;
  /** As written, decorators included. */
  readonly operator: string;
  readonly parsed: ParsedOperator;
  readonly values: readonly Scalar[];
  /** One for each value. */
  readonly targets: readonly Target[];
  /** For each value needles one of which is wherever its target is true, `undefined` where none can be told. */
  readonly needles: readonly (readonly Needle[] | undefined)[];
  /** For `exists`: what is asked for. */
  readonly expectsPresence: boolean;
}

/** Compiles a leaf that `validateRule` let pass. */
export function compileLeaf(id: number, condition: LeafCondition, patterns = new PatternRoom()): Leaf {
  const { fact, spec, ...read } = compileRead(condition);
  const parsed = parseOperator(condition.operator) ?? existsOperator;
  const isCaseSensitive = condition.params?.['caseSensitive'] === true;
  const { predicate } = parsed.spec;
  const values = predicate === 'exists' ? [] : valuesOf(condition.value);
  // A pattern that has no room is an error in every text.
  const isInError = (value: Scalar): boolean =>
    predicate === 'matches' && typeof patterns.compile(String(value), isCaseSensitive) === 'string';
  return {
    id,
    ...read,
    fact,
    spec,
    operator: condition.operator,
    parsed,
    values,
    targets: values.map((value) => compileTarget(spec.type, predicate, value, isCaseSensitive, patterns)),
    needles: values.map((value) => (isInError(value) ? undefined : targetNeedles(spec.type, predicate, value))),
    expectsPresence: condition.value !== false,
  };
}

function compileRead({
  fact: written,
  params = {},
  value,
}: Pick<LeafCondition, 'fact' | 'params' | 'value'>): FactRead {
  const fact = written as FactName;
  const spec = factSpec(fact);
  const name = typeof params['name'] === 'string' ? params['name'].toLowerCase() : '';
  const from = (params['from'] ?? 'header') as SenderPlace;
  const relations = spec.holds === 'relations' ? valuesOf(value).map(String) : [];
  const given = { name, from };
  const parts = [fact, ...(spec.params ?? []).map((param) => given[param])];
  const factKey = relations.length > 0 ? `${fact}:${JSON.stringify(relations)}` : parts.join(':');
  return { fact, spec, factKey, name, from, relations };
}

/** The values of a condition: a list, or the one given. */
export function valuesOf(value: unknown): readonly Scalar[] {
  return (Array.isArray(value) ? value : [value]) as Scalar[];
}

const existsOperator: ParsedOperator = {
  name: 'exists',
  spec: { predicate: 'exists', isNegated: false, needs: 'nothing' },
  decorators: [],
};
