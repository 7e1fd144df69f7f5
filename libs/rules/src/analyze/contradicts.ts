import { domainOf } from '#lib/core';
import type { Scalar } from '../language/targets.js';
import type { Atom, Literal, Term } from './literal.js';
import { elementMeets, valueImplies, valuesExclude } from './element.js';
import { boundsOf, meet, within } from './bounds.js';
import { consequencesOf } from './consequences.js';

/** Two values each of so many pairs are compared; of more nothing is said. */
const PAIRS_MAX = 20_000;
/** Likewise values of one that are looked at one by one. */
const VALUES_MAX = 50;

/**
 * Whether literals can all be so for one message and one recipient, as far as is known: `false` is proof that they
 * cannot. Those before `from` were found consistent among themselves.
 */
export function isConsistent(term: Term, from = 0): boolean {
  for (let n = from; n < term.length; n++) {
    const one = term[n];
    if (one === undefined || isNever(one)) return false;
    for (let m = 0; m < n; m++) {
      const other = term[m];
      if (other !== undefined && contradicts(one, other)) return false;
    }
  }
  return term.length <= 2 || !term.slice(from).some((one) => isExhausted(term, one));
}

/** Whether two literals can never be so together. */
export function contradicts(one: Literal, other: Literal): boolean {
  for (const first of consequencesOf(one)) {
    for (const second of consequencesOf(other)) {
      if (first.atom.factKey === second.atom.factKey && clash(first, second)) return true;
    }
  }
  return false;
}

/** Of literals on one fact. */
function clash(one: Literal, other: Literal): boolean {
  if (one.atom.key === other.atom.key) return one.holds !== other.holds;
  if (one.holds !== other.holds) return one.holds ? covers(one.atom, other.atom) : covers(other.atom, one.atom);
  if (one.holds) return one.atom.isSingle && excludes(one.atom, other.atom);
  return one.atom.isAlwaysThere && leaveNothing([one.atom, other.atom]);
}

/** Whether each element that meets the first meets the second. */
function covers(one: Atom, other: Atom): boolean {
  if (one.predicate === 'opaque' || other.predicate === 'opaque') return false;
  if (one.predicate === 'exists') return false;
  if (other.predicate === 'exists') return true;
  if (isSetOfEqual(one) && isSetOfEqual(other)) return one.values.every((value) => other.values.includes(value));
  if (one.values.length * other.values.length > PAIRS_MAX) return false;
  return one.values.every((value) => other.values.some((wanted) => valueImplies(one, value, other, wanted)));
}

/** Values of a domain or an address are in their normal form. */
function isSetOfEqual({ predicate, type, isCaseSensitive }: Atom): boolean {
  return predicate === 'equal' && !isCaseSensitive && (type === 'domain' || type === 'address' || type === 'boolean');
}

function excludes(one: Atom, other: Atom): boolean {
  if (one.predicate === 'opaque' || other.predicate === 'opaque') return false;
  if (one.predicate === 'exists' || other.predicate === 'exists') return false;
  if (one.values.length * other.values.length > PAIRS_MAX) return false;
  return one.values.every((value) => other.values.every((wanted) => valuesExclude(one, value, other, wanted)));
}

/** A literal that nothing can make so. */
function isNever({ atom, holds }: Literal): boolean {
  if (holds) {
    if (atom.predicate === 'opaque' || atom.predicate === 'exists') return false;
    return atom.values.every((value) => meetsNothing(atom, value));
  }
  return atom.isAlwaysThere && (atom.predicate === 'exists' || leaveNothing([atom]));
}

function meetsNothing(atom: Atom, value: Scalar): boolean {
  if (typeof value === 'number') {
    const bounds = boundsOf(atom, value);
    return meet(bounds, bounds) === undefined;
  }
  return atom.known?.every((known) => elementMeets(atom, value, known) === false) === true;
}

/** Whether the one element that there always is would have to meet one of these atoms, none of which holds. */
function leaveNothing(barred: readonly Atom[]): boolean {
  const [first] = barred;
  if (first === undefined || barred.some(({ predicate }) => predicate === 'opaque')) return false;
  if (first.type === 'number') return first.isSingle && coverNumbers(barred);
  return first.known?.every((known) => barred.some((atom) => meets(atom, known))) === true;
}

function meets(atom: Atom, element: Scalar): boolean {
  return atom.values.some((value) => elementMeets(atom, value, element) === true);
}

/** Whether bounds of two atoms have every number that counts. */
function coverNumbers(barred: readonly Atom[]): boolean {
  const bounds = barred.flatMap((atom) =>
    atom.values.flatMap((value) => (typeof value === 'number' ? [boundsOf(atom, value)] : [])),
  );
  let reached = boundsOf({ predicate: 'lessThan', fact: barred[0]?.fact ?? '' }, Infinity).low;
  for (const { low, high } of bounds.toSorted((a, b) => a.low - b.low)) {
    if (low > reached) return false;
    reached = Math.max(reached, high + 1);
  }
  return reached === Infinity;
}

/** Whether of the values that a fact must have one of the other literals leave none. */
function isExhausted(term: Term, { atom, holds }: Literal): boolean {
  if (atom.type === 'number' && atom.isSingle && holds) return hasNoNumber(term, atom);
  const facts = ['recipient.domain', 'recipient.address'];
  const isClosed = atom.known !== undefined && (atom.isAlwaysThere || holds);
  const about = term.filter((one) => one.atom.factKey === atom.factKey || facts.includes(one.atom.fact));
  if (isClosed) {
    const ours = about.filter((one) => one.atom.factKey === atom.factKey && one.atom.predicate !== 'opaque');
    const barred = ours.filter((one) => !one.holds && one.atom.predicate !== 'exists');
    const asked = atom.isSingle ? ours.filter((one) => one.holds && one.atom.predicate !== 'exists') : [];
    return (atom.known ?? []).every(
      (known) =>
        barred.some((one) => meets(one.atom, known)) ||
        asked.some((one) => one.atom.values.every((value) => elementMeets(one.atom, value, known) === false)),
    );
  }
  if (isBarredByValue(term, atom.factKey)) return true;
  if (!facts.includes(atom.fact)) return false;
  // A recipient has one address: what names it is asked all the others.
  return about
    .filter((one) => one.holds && one.atom.predicate === 'equal' && one.atom.values.length * about.length <= PAIRS_MAX)
    .some((named) => named.atom.values.every((value) => about.some((one) => isRefusedBy(one, named.atom, value))));
}

/** Whether of one that asks for some of several values each is denied by another. */
function isBarredByValue(term: Term, factKey: string): boolean {
  const ours = term.filter(({ atom }) => atom.factKey === factKey && atom.predicate !== 'opaque');
  const barred = ours.filter(({ holds, atom }) => !holds && atom.values.length <= VALUES_MAX);
  if (barred.length < 2) return false;
  return ours.some(
    ({ atom, holds }) =>
      holds &&
      atom.values.length > 1 &&
      atom.values.length <= VALUES_MAX &&
      atom.values.every((value) =>
        barred.some((one) => one.atom.values.some((wanted) => valueImplies(atom, value, one.atom, wanted))),
      ),
  );
}

function isRefusedBy({ atom, holds }: Literal, named: Atom, value: Scalar): boolean {
  if (atom.predicate === 'opaque' || atom.predicate === 'exists') return false;
  if (named.fact === 'recipient.domain' && atom.fact !== 'recipient.domain') return false;
  const element = atom.fact === 'recipient.domain' && named.fact !== atom.fact ? domainOf(String(value)) : value;
  const truths = atom.values.map((one) => elementMeets(atom, one, element));
  return holds ? truths.every((truth) => truth === false) : truths.includes(true);
}

function hasNoNumber(term: Term, { factKey }: Atom): boolean {
  let left = [{ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }];
  for (const { atom, holds } of term) {
    if (atom.factKey !== factKey || atom.type !== 'number' || atom.predicate === 'exists' || !holds) continue;
    const some = atom.values.flatMap((value) => (typeof value === 'number' ? [boundsOf(atom, value)] : []));
    left = left.flatMap((one) => some.flatMap((other) => meet(one, other) ?? []));
  }
  const barred = term.filter(({ atom, holds }) => atom.factKey === factKey && !holds && atom.predicate !== 'exists');
  return left.every((one) =>
    barred.some(({ atom }) =>
      atom.values.some((value) => typeof value === 'number' && within(one, boundsOf(atom, value))),
    ),
  );
}
