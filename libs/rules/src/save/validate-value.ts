import type { Json, Path, Problems } from './problems.js';
import { valueProblem, type Comparison } from './value-problem.js';

/** Values in one list. */
const VALUES_MAX = 5_000;

/** Checks `value` of a condition against the type of its fact and what its operator asks for. */
export function validateValue(input: Json, comparison: Comparison, path: Path, problems: Problems): void {
  const at = [...path, 'value'];
  const { operator } = comparison;
  const { value } = input;
  const refuse = (message: string): void => problems.add(at, 'ERR_VALUE_INVALID', message);
  if (operator.spec.predicate === 'exists') {
    if (value !== undefined && typeof value !== 'boolean') {
      refuse('exists takes true (or no value) for presence, false for absence');
    }
  } else if (value === undefined) problems.add(at, 'ERR_PROPERTY_MISSING', 'this operator needs a "value"');
  else if (Array.isArray(value)) {
    if (value.length === 0) refuse('a list of values has at least one');
    else if (value.length > VALUES_MAX) refuse(`at most ${VALUES_MAX} values`);
    else value.forEach((one: unknown, index) => validateOne(one, comparison, [...at, index], problems));
  } else if (operator.spec.needs === 'listValue') refuse(`${operator.name} takes a list of values`);
  else validateOne(value, comparison, at, problems);
}

function validateOne(value: unknown, comparison: Comparison, at: Path, problems: Problems): void {
  const problem = valueProblem(value, comparison, problems.known.patterns);
  if (problem !== undefined) problems.add(at, problem.code, problem.message);
}
