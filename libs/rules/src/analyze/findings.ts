/** What may be wrong with a rule set (docs/rules.md "Analyze" has a row for each). */
export const FINDING_KINDS = [
  'unreachable',
  'alwaysExcepted',
  'shadowed',
  'duplicate',
  'contradictory',
  'redirectLoop',
  'protectsEverything',
  'neverInForce',
  'emptyList',
  'missingList',
  'emptyGroup',
  'missingGroup',
  'unusedCondition',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing wrong with a rule set. */
export interface Finding {
  readonly kind: FindingKind;
  /** Ids: the rule that should be changed first, then those that make it so. */
  readonly rules: readonly string[];
  /** JSON pointer into the first of the rules, where it is about one place. */
  readonly pointer?: string;
  /** A sentence that says what is so and what to do. */
  readonly message: string;
}

/** What is known outside of the rule set. What is absent is not known, and nothing is said of it. */
export interface AnalysisWorld {
  /** RFC 3339; rules are looked at as of then. */
  readonly at: string;
  /** Members of every group there is, by its name or address in lower case. */
  readonly groups?: Readonly<Record<string, number>>;
  /** Entries of every named list there is. */
  readonly lists?: Readonly<Record<string, number>>;
  /** Names of all named conditions there are, in use or not. */
  readonly conditions?: readonly string[];
}
