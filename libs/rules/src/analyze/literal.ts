import type { Predicate } from '../language/operators.js';
import type { FactType } from '../language/facts.js';
import type { Scalar } from '../language/targets.js';

/**
 * One question about a fact that is true if some element of it meets the predicate with some of the values. What the
 * analysis does not understand is `opaque`: a question that is the same only as itself.
 */
export interface Atom {
  /** Two atoms with one key ask the same. */
  readonly key: string;
  /** The fact and the parameters that change its value. */
  readonly factKey: string;
  readonly fact: string;
  readonly type: FactType;
  /** The fact has one element at most. */
  readonly isSingle: boolean;
  /** It has one element at least, whatever the message. */
  readonly isAlwaysThere: boolean;
  readonly isOfRecipient: boolean;
  readonly isWritable: boolean;
  /** The only values that the fact can have. */
  readonly known?: readonly Scalar[];
  readonly predicate: Predicate | 'opaque';
  /** As written; of `equal` on addresses and domains in their normal form. */
  readonly values: readonly Scalar[];
  readonly isCaseSensitive: boolean;
}

/** An atom that is definitely true, or definitely false: never in error. */
export interface Literal {
  readonly atom: Atom;
  readonly holds: boolean;
}

/** Literals that are all so. */
export type Term = readonly Literal[];

/** The same question with one of its values. */
export function withValue(atom: Atom, value: Scalar): Atom {
  const key = JSON.stringify([atom.factKey, atom.predicate, [value], atom.isCaseSensitive]);
  return { ...atom, key, values: [value] };
}
