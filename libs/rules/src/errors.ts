import { AppError } from '#lib/core';

/** The closed list of codes of {@link RulesError}. */
export const RULES_ERROR_CODES = ['ERR_RULE_SET_INVALID', 'ERR_ENGINE_INCOMPLETE', 'ERR_LIST_DAMAGED'] as const;

export type RulesErrorCode = (typeof RULES_ERROR_CODES)[number];

/**
 * Codes that a condition in error, a failed rule (`reason`) and a hold (`code`) can have. A `FactError` of the fact
 * record brings its own code, which stands in the verdict as it came.
 */
export const JUDGING_CODES = [
  /** A fact has a value that is not of its type. */
  'ERR_FACT_INVALID',
  /** Text times program of a pattern is over the limit. */
  'ERR_PATTERN_LIMIT',
  /** The time budget of the message is spent. */
  'ERR_JUDGE_BUDGET',
  /** json-rules-engine rejected the run, or gave no answer for a rule. */
  'ERR_ENGINE_FAILED',
  /** json-rules-engine and our fold over the same conditions differ. */
  'ERR_ENGINE_DISAGREES',
  /** Rules would part the recipients into more than 64 branches. */
  'ERR_BRANCHES_EXCEEDED',
  /** The directory was not asked about an address that a condition asks of. */
  'ERR_DIRECTORY_UNASKED',
  /** Mail was to be sent to a manager whom the directory does not name. */
  'ERR_MANAGER_UNKNOWN',
  /** The entries of a named list are not there. */
  'ERR_LIST_MISSING',
] as const;

export type JudgingCode = (typeof JUDGING_CODES)[number];

export class RulesError extends AppError<RulesErrorCode> {}

/** A stored rule set holds a rule that the language refuses; it was not saved through `validateRule`. */
export function ruleSetInvalid(problems: number): RulesError {
  return new RulesError('ERR_RULE_SET_INVALID', {
    kind: 'invalid',
    publicText: 'The rule set holds a rule that is not valid.',
    detail: { problems },
  });
}

/** The engine answered for fewer or more rules than it was given. */
export function engineIncomplete(given: number, answered: number): RulesError {
  return new RulesError('ERR_ENGINE_INCOMPLETE', {
    kind: 'bug',
    publicText: 'The rule engine did not answer for every rule.',
    detail: { given, answered },
  });
}

/** The packed entries of a list are not those that were packed; `part` says where that showed. */
export function listDamaged(part: string): RulesError {
  return new RulesError('ERR_LIST_DAMAGED', {
    kind: 'permanent',
    publicText: 'The entries of a list cannot be read.',
    detail: { part },
  });
}
