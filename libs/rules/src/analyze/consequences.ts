import { domainOf } from '#lib/core';
import { FACTS } from '../language/facts.js';
import { atomOf } from './formula.js';
import type { Atom, Literal } from './literal.js';

const known = new WeakMap<Atom, { readonly holding: readonly Literal[]; readonly failing: readonly Literal[] }>();

/**
 * What must be so as well wherever a literal is: itself, and what it says in other words about other facts. Enough to find
 * contradictions, not to conclude that something is true: the other fact may be in error.
 */
export function consequencesOf(literal: Literal): readonly Literal[] {
  let both = known.get(literal.atom);
  if (both === undefined) {
    const { atom } = literal;
    both = {
      holding: [{ atom, holds: true }, ...wider(atom).map((one) => ({ atom: one, holds: true }))],
      failing: [{ atom, holds: false }],
    };
    known.set(literal.atom, both);
  }
  return literal.holds ? both.holding : both.failing;
}

/** Atoms that hold wherever one does. */
function wider(atom: Atom): readonly Atom[] {
  const next = [...elsewhere(atom), ...inOtherFacts(atom)];
  return next.flatMap((one) => [one, ...wider(one)]);
}

/** The same of a fact that has all elements of this one, and more. */
function elsewhere(atom: Atom): readonly Atom[] {
  if (atom.predicate === 'opaque') return [];
  const to = (fact: keyof typeof FACTS, params?: Record<string, unknown>): Atom => {
    const { isCaseSensitive: caseSensitive } = atom;
    const leaf = { fact, operator: '', params: { ...params, ...(caseSensitive ? { caseSensitive } : {}) } };
    return atomOf(leaf, FACTS[fact], atom.predicate, atom.values);
  };
  switch (atom.fact) {
    case 'subject':
    case 'body':
      return [to('subjectOrBody')];
    case 'to':
    case 'cc':
      return [to('toOrCc')];
    case 'sender.address':
    case 'sender.domain':
    case 'sender.displayName':
    case 'sender.scope':
      return atom.factKey.endsWith(':either') ? [] : [to(atom.fact, { from: 'either' })];
    default:
      return [];
  }
}

/** What an address says of its domain, and an internal sender of its connection. */
function inOtherFacts(atom: Atom): readonly Atom[] {
  const { fact, predicate, values } = atom;
  const from = atom.factKey.slice(fact.length + 1);
  if (fact === 'sender.scope' && predicate === 'equal' && values.every((value) => value === 'internal')) {
    return [atomOf({ fact: 'sender.isAuthenticated', operator: '' }, FACTS['sender.isAuthenticated'], 'equal', [true])];
  }
  const isOfSender = fact === 'sender.address';
  if (!isOfSender && fact !== 'recipient.address') return [];
  const domains = predicate === 'equal' ? values.map((value) => domainOf(String(value))) : values;
  if (predicate !== 'equal' && predicate !== 'underDomain') return [];
  return isOfSender
    ? [atomOf({ fact: 'sender.domain', operator: '', params: { from } }, FACTS['sender.domain'], predicate, domains)]
    : [atomOf({ fact: 'recipient.domain', operator: '' }, FACTS['recipient.domain'], predicate, domains)];
}
