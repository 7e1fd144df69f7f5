import type { FactSpec } from './facts.js';

/** What an operator says of one element of the fact and one value; `exists` looks at the fact as a whole. */
export type Predicate =
  | 'equal'
  | 'containsText'
  | 'startsWith'
  | 'endsWith'
  | 'containsWords'
  | 'matches'
  | 'underDomain'
  | 'inCidr'
  | 'memberOf'
  | 'lessThan'
  | 'lessThanInclusive'
  | 'greaterThan'
  | 'greaterThanInclusive'
  | 'exists';

export interface OperatorSpec {
  readonly predicate: Predicate;
  /** The exact negation of its positive twin. */
  readonly isNegated: boolean;
  /** `value` must be a list (`in`), the fact must be one (`contains`), or neither. */
  readonly needs: 'listValue' | 'listFact' | 'nothing';
}

const positive = { isNegated: false, needs: 'nothing' } as const;
const text = (predicate: Predicate): OperatorSpec => ({ ...positive, predicate });

/** Every operator, by name. All of json-rules-engine's are here too, with the meaning of this language. */
export const OPERATORS = {
  equal: { ...positive, predicate: 'equal' },
  notEqual: { predicate: 'equal', isNegated: true, needs: 'nothing' },
  in: { predicate: 'equal', isNegated: false, needs: 'listValue' },
  notIn: { predicate: 'equal', isNegated: true, needs: 'listValue' },
  contains: { predicate: 'equal', isNegated: false, needs: 'listFact' },
  doesNotContain: { predicate: 'equal', isNegated: true, needs: 'listFact' },
  lessThan: text('lessThan'),
  lessThanInclusive: text('lessThanInclusive'),
  greaterThan: text('greaterThan'),
  greaterThanInclusive: text('greaterThanInclusive'),
  containsText: text('containsText'),
  startsWith: text('startsWith'),
  endsWith: text('endsWith'),
  containsWords: text('containsWords'),
  matches: text('matches'),
  underDomain: text('underDomain'),
  inCidr: text('inCidr'),
  memberOf: text('memberOf'),
  exists: text('exists'),
} as const satisfies Record<string, OperatorSpec>;

export type OperatorName = keyof typeof OPERATORS;

/** Decorators, written before an operator: `everyFact:matches`, `not:everyValue:containsWords`. They read from left to right. */
export const DECORATORS = ['everyFact', 'someFact', 'everyValue', 'someValue', 'not'] as const;

export type DecoratorName = (typeof DECORATORS)[number];

/** More than this many decorators say nothing that fewer cannot. */
export const DECORATORS_MAX = 6;

export interface ParsedOperator {
  readonly name: OperatorName;
  readonly spec: OperatorSpec;
  readonly decorators: readonly DecoratorName[];
}

/** Takes `not:everyFact:equal` apart; `undefined` if a part of it is unknown. */
export function parseOperator(written: string): ParsedOperator | undefined {
  const parts = written.split(':');
  const name = parts.pop() ?? '';
  if (!Object.hasOwn(OPERATORS, name) || parts.length > DECORATORS_MAX) return undefined;
  if (!parts.every((part) => (DECORATORS as readonly string[]).includes(part))) return undefined;
  const known = name as OperatorName;
  return { name: known, spec: OPERATORS[known], decorators: parts as DecoratorName[] };
}

const TEXT_OPERATORS: readonly OperatorName[] = ['containsText', 'startsWith', 'endsWith', 'containsWords', 'matches'];
const ORDER_OPERATORS: readonly OperatorName[] = [
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
];
const EQUAL_OPERATORS: readonly OperatorName[] = ['equal', 'notEqual', 'in', 'notIn'];

/** The operators that fit a fact: any other is refused when a rule is saved. */
export function operatorsFor(fact: Pick<FactSpec, 'type' | 'isList' | 'holds'>): readonly OperatorName[] {
  if (fact.holds === 'relations') return ['contains', 'doesNotContain'];
  const isMember = fact.holds === 'groups' || (fact.type === 'address' && fact.holds === undefined);
  const member: readonly OperatorName[] = isMember ? ['memberOf'] : [];
  const listed: readonly OperatorName[] = fact.isList ? ['contains', 'doesNotContain'] : [];
  switch (fact.type) {
    case 'text':
      return [...EQUAL_OPERATORS, ...listed, ...TEXT_OPERATORS, ...member, 'exists'];
    case 'address':
    case 'domain':
      return [...EQUAL_OPERATORS, ...listed, 'underDomain', ...TEXT_OPERATORS, ...member, 'exists'];
    case 'ip':
      return [...EQUAL_OPERATORS, ...listed, 'inCidr', ...TEXT_OPERATORS, 'exists'];
    case 'number':
      return [...EQUAL_OPERATORS, ...listed, ...ORDER_OPERATORS, 'exists'];
    case 'boolean':
      return ['equal', 'notEqual', 'exists'];
  }
}
