import { normalizeAddress, normalizeDomain } from '#lib/core';
import type { FactSpec } from '../language/facts.js';
import type { ParsedOperator } from '../language/operators.js';
import { foldText } from '../text/fold-text.js';
import { collapseSpace } from '../text/find-words.js';
import { parseNetwork } from '../text/network.js';
import { compilePattern, PATTERN_CHARS_MAX, PATTERN_PROGRAM_MAX } from '../text/pattern.js';
import type { Json, Path, Problems, RuleProblemCode } from './problems.js';

/** Values in one list. */
const VALUES_MAX = 5_000;
/** Characters of one value. */
const VALUE_CHARS_MAX = 2_000;

/** Checks `value` against the type of the fact and what the operator asks for. */
export function validateValue(
  input: Json,
  spec: FactSpec,
  operator: ParsedOperator,
  isCaseSensitive: boolean,
  path: Path,
  problems: Problems,
): void {
  const at = [...path, 'value'];
  const value = input['value'];
  if (operator.spec.predicate === 'exists') {
    if (value !== undefined && typeof value !== 'boolean') {
      problems.add(at, 'ERR_VALUE_INVALID', 'exists takes true (or no value) for presence, false for absence');
    }
    return;
  }
  if (value === undefined) {
    problems.add(at, 'ERR_PROPERTY_MISSING', 'this operator needs a "value"');
    return;
  }
  if (!Array.isArray(value)) {
    if (operator.spec.needs === 'listValue')
      problems.add(at, 'ERR_VALUE_INVALID', `${operator.name} takes a list of values`);
    else validateScalar(value, spec, operator, isCaseSensitive, at, problems);
    return;
  }
  if (value.length === 0) problems.add(at, 'ERR_VALUE_INVALID', 'a list of values has at least one');
  if (value.length > VALUES_MAX) problems.add(at, 'ERR_VALUE_INVALID', `at most ${VALUES_MAX} values`);
  else value.forEach((one, index) => validateScalar(one, spec, operator, isCaseSensitive, [...at, index], problems));
}

function validateScalar(
  value: unknown,
  spec: FactSpec,
  operator: ParsedOperator,
  isCaseSensitive: boolean,
  at: Path,
  problems: Problems,
): void {
  const refuse = (message: string, code: RuleProblemCode = 'ERR_VALUE_INVALID'): void =>
    problems.add(at, code, message);
  if (spec.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) refuse('this fact is a number; so is the value');
    return;
  }
  if (spec.type === 'boolean') {
    if (typeof value !== 'boolean') refuse('this fact is true or false; so is the value');
    return;
  }
  if (typeof value !== 'string') return refuse('this fact is text; so is the value');
  if (value.length > VALUE_CHARS_MAX) return refuse(`at most ${VALUE_CHARS_MAX} characters`);
  if (operator.spec.predicate === 'matches') return checkPattern(value, isCaseSensitive, refuse);
  const problem = textProblem(value, spec, operator);
  if (problem !== undefined) refuse(problem);
}

/** Why a text can never be what this operator looks for, `undefined` if it can. */
function textProblem(value: string, spec: FactSpec, operator: ParsedOperator): string | undefined {
  switch (operator.spec.predicate) {
    case 'inCidr':
      return parseNetwork(value) === undefined
        ? 'a network like 192.0.2.0/24 or 2001:db8::/32, or one address'
        : undefined;
    case 'underDomain':
      return normalizeDomain(value) === undefined
        ? 'a domain like example.com, without @, dot or * before it'
        : undefined;
    case 'containsWords':
      return collapseSpace(value).trim() === '' ? 'a word or phrase; this one is empty' : undefined;
    case 'equal':
      return equalityProblem(value, spec);
    default:
      return value === '' ? 'every text contains the empty one; ask with exists' : undefined;
  }
}

function equalityProblem(value: string, spec: FactSpec): string | undefined {
  if (spec.type === 'address' && normalizeAddress(value) === undefined) return 'a whole address like ann@example.com';
  if (spec.type === 'domain' && normalizeDomain(value) === undefined) return 'a domain like example.com';
  if (spec.type === 'ip' && (parseNetwork(value) === undefined || value.includes('/')))
    return 'an IP address; inCidr takes networks';
  if (spec.values?.every((known) => foldText(known) !== foldText(value)) === true) {
    return `this fact is never that; it is one of ${spec.values.join(', ')}`;
  }
  return undefined;
}

function checkPattern(
  source: string,
  isCaseSensitive: boolean,
  refuse: (message: string, code: RuleProblemCode) => void,
): void {
  if (source === '') return refuse('every text matches the empty pattern; ask with exists', 'ERR_PATTERN_INVALID');
  const pattern = compilePattern(source, isCaseSensitive);
  if (pattern === 'invalid') {
    refuse('not a pattern of RE2 (no look-around, no back-references)', 'ERR_PATTERN_INVALID');
  } else if (pattern === 'tooLong') refuse(`at most ${PATTERN_CHARS_MAX} characters`, 'ERR_PATTERN_INVALID');
  else if (pattern === 'tooLarge') {
    refuse(
      `compiles to more than ${PATTERN_PROGRAM_MAX} instructions; make its repetitions smaller`,
      'ERR_PATTERN_INVALID',
    );
  }
}
