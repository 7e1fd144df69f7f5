import { isConsistent } from './contradicts.js';
import type { Formula } from './formula.js';
import type { Term } from './literal.js';

/**
 * The ways in which a formula is definitely true (`wanted`) or definitely false, each as literals that are all so: its
 * disjunctive normal form in three-valued logic, without what contradicts itself. Empty: there is no way. `undefined`: there are
 * more than `max`.
 */
export function termsOf(formula: Formula, wanted: boolean, max: number): readonly Term[] | undefined {
  if ('not' in formula) return termsOf(formula.not, !wanted, max);
  if ('atom' in formula) return termsOfAtom({ atom: formula.atom, holds: wanted });
  const isEach = 'all' in formula === wanted;
  const parts = 'all' in formula ? formula.all : formula.any;
  return isEach ? product(parts, wanted, max) : sum(parts, wanted, max);
}

function termsOfAtom(literal: Term[number]): readonly Term[] {
  return isConsistent([literal]) ? [[literal]] : [];
}

function sum(parts: readonly Formula[], wanted: boolean, max: number): readonly Term[] | undefined {
  const terms: Term[] = [];
  for (const part of parts) {
    const some = termsOf(part, wanted, max);
    if (some === undefined || terms.length + some.length > max) return undefined;
    terms.push(...some);
  }
  return terms;
}

function product(parts: readonly Formula[], wanted: boolean, max: number): readonly Term[] | undefined {
  let terms: readonly Term[] = [[]];
  // Those with few ways first, so that contradictions end it before it grows.
  const all: (readonly Term[])[] = [];
  for (const part of parts) {
    const some = termsOf(part, wanted, max);
    if (some === undefined) return undefined;
    all.push(some);
  }
  for (const some of all.toSorted((a, b) => a.length - b.length)) {
    terms = multiplied(terms, some);
    if (terms.length > max) return undefined;
  }
  return terms;
}

/** Every way of the first with every way of the second, without what contradicts itself. */
export function multiplied(first: readonly Term[], second: readonly Term[]): readonly Term[] {
  const terms: Term[] = [];
  for (const one of first) {
    for (const other of second) {
      const both = joined(one, other);
      if (both !== undefined) terms.push(both);
    }
  }
  return terms;
}

/** Both, or `undefined` if they cannot both be. */
export function joined(first: Term, second: Term): Term | undefined {
  const fresh = second.filter(
    ({ atom, holds }) => !first.some((one) => one.holds === holds && one.atom.key === atom.key),
  );
  if (fresh.length === 0) return first;
  const both = [...first, ...fresh];
  return isConsistent(both, first.length) ? both : undefined;
}
