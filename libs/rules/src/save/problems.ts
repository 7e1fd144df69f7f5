import type { RuleProblem } from '../types.js';
import { Known } from './rule-context.js';

/** The closed list of codes of {@link RuleProblem}. */
export const RULE_PROBLEM_CODES = [
  'ERR_RULE_UNREADABLE',
  'ERR_RULE_TOO_DEEP',
  'ERR_RULE_TOO_LARGE',
  'ERR_RULE_CONTRADICTORY',
  'ERR_PROPERTY_UNKNOWN',
  'ERR_PROPERTY_MISSING',
  'ERR_VALUE_INVALID',
  'ERR_VALUE_UNSUPPORTED',
  'ERR_CONDITION_INVALID',
  'ERR_CONDITION_UNKNOWN',
  'ERR_CONDITION_CIRCULAR',
  'ERR_LIST_UNKNOWN',
  'ERR_FACT_UNKNOWN',
  'ERR_OPERATOR_UNKNOWN',
  'ERR_OPERATOR_UNFIT',
  'ERR_PATTERN_INVALID',
  'ERR_ACTION_UNKNOWN',
  'ERR_HEADER_PROTECTED',
  'ERR_PLACEHOLDER_UNKNOWN',
] as const;

export type RuleProblemCode = (typeof RULE_PROBLEM_CODES)[number];

/** Nobody reads more than this. */
const PROBLEMS_MAX = 1_000;

/** Collects what is wrong with one rule; nothing stops at the first problem. */
export class Problems {
  readonly list: RuleProblem[] = [];

  constructor(readonly known = new Known()) {}

  /** `path` is given in parts and joined to a JSON pointer (RFC 6901). */
  add(path: Path, code: RuleProblemCode, message: string): void {
    if (this.list.length < PROBLEMS_MAX) this.list.push({ pointer: pointerOf(path), code, message });
  }
}

export type Path = readonly (string | number)[];

export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports each property that is not in `known`. */
export function refuseUnknown(object: Json, known: readonly string[], path: Path, problems: Problems): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) {
      problems.add([...path, name], 'ERR_PROPERTY_UNKNOWN', `unknown property; known here: ${known.join(', ')}`);
    }
  }
}
