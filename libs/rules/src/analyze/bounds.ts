import type { Atom } from './literal.js';

/** Whole numbers between two, both included. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Facts that count or measure: never below 0, and whole. */
const COUNTED = /(?:^|\.)(?:count|externalCount|sizeBytes|sizesBytes|hour)$/;

/** The numbers that meet a predicate with a value. */
export function boundsOf({ predicate, fact }: Pick<Atom, 'predicate' | 'fact'>, value: number): Bounds {
  const isWhole = COUNTED.test(fact);
  const least = isWhole ? 0 : Number.NEGATIVE_INFINITY;
  const most = Number.POSITIVE_INFINITY;
  switch (predicate) {
    case 'equal':
      return isWhole && !Number.isInteger(value) ? NONE : { low: Math.max(least, value), high: value };
    case 'lessThan':
      return { low: least, high: isWhole ? Math.ceil(value) - 1 : below(value) };
    case 'lessThanInclusive':
      return { low: least, high: isWhole ? Math.floor(value) : value };
    case 'greaterThan':
      return { low: isWhole ? Math.max(least, Math.floor(value) + 1) : above(value), high: most };
    case 'greaterThanInclusive':
      return { low: isWhole ? Math.max(least, Math.ceil(value)) : value, high: most };
    default:
      return { low: Number.NEGATIVE_INFINITY, high: most };
  }
}

const NONE: Bounds = { low: 1, high: 0 };

/** What lies in both, `undefined` if nothing does. */
export function meet(one: Bounds, other: Bounds): Bounds | undefined {
  const both = { low: Math.max(one.low, other.low), high: Math.min(one.high, other.high) };
  return both.low <= both.high ? both : undefined;
}

export function within(inner: Bounds, outer: Bounds): boolean {
  return outer.low <= inner.low && inner.high <= outer.high;
}

/** The next number that a computer knows: between it and the value there is none. */
function above(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  if (value === 0) return Number.MIN_VALUE;
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

function below(value: number): number {
  return -above(-value);
}
