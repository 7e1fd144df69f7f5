import type { FactName, FactSpec } from './facts.js';

/** A fact as a condition reads it. */
export interface FactRead {
  readonly fact: FactName;
  readonly spec: FactSpec;
  /** Fact and what changes its value. */
  readonly factKey: string;
  /** `params.name` of a header field or an attribute, lower case. */
  readonly name: string;
  readonly from: SenderPlace;
  /** What is asked of a `relation`: of its elements those are found that the condition looks for. */
  readonly relations: readonly string[];
}

/** Where a sender fact looks: the header From, MAIL FROM, or both. */
export type SenderPlace = 'header' | 'envelope' | 'either';
