import { FACTS, factSpec, isFactName, type FactSpec } from '../language/facts.js';
import { DECORATORS, operatorsFor, OPERATORS, parseOperator, type ParsedOperator } from '../language/operators.js';
import type { LeafCondition } from '../types.js';
import { isObject, refuseUnknown, type Json, type Path, type Problems } from './problems.js';
import { validateValue } from './validate-value.js';

const PROPERTIES = ['fact', 'operator', 'value', 'params'];
const HEADER_NAME = [/^[!-9;-~]{1,100}$/, 'the name of a header field, without its colon'] as const;
const ATTRIBUTE_NAME = [
  /^[^\p{Cc}\p{White_Space}][^\p{Cc}]{0,99}$/u,
  'the name of an attribute of the directory, like department',
] as const;
const PLACES = ['header', 'envelope', 'either'];

/** Reads one leaf: names known, operator fits fact, value of the right type, parameters those of the fact. */
export function validateLeaf(input: Json, path: Path, problems: Problems): LeafCondition {
  refuseUnknown(input, PROPERTIES, path, problems);
  const spec = validateFact(input, path, problems);
  const params = validateParams(input['params'], spec, [...path, 'params'], problems);
  const isList = spec !== undefined && (spec.isList || params['from'] === 'either');
  const operator = validateOperator(input, spec === undefined ? undefined : { ...spec, isList }, path, problems);
  if (spec !== undefined && operator !== undefined) {
    validateValue(input, { spec, operator, isCaseSensitive: params['caseSensitive'] === true }, path, problems);
  }
  return {
    fact: String(input['fact']),
    operator: String(input['operator']),
    ...(Object.hasOwn(input, 'value') ? { value: input['value'] } : {}),
    ...(Object.hasOwn(input, 'params') ? { params } : {}),
  };
}

function validateFact(input: Json, path: Path, problems: Problems): FactSpec | undefined {
  const name = input['fact'];
  if (name === undefined) {
    problems.add([...path, 'fact'], 'ERR_PROPERTY_MISSING', 'a condition needs a "fact"');
    return undefined;
  }
  if (typeof name === 'string' && isFactName(name)) return factSpec(name);
  problems.add([...path, 'fact'], 'ERR_FACT_UNKNOWN', `unknown fact; known: ${Object.keys(FACTS).join(', ')}`);
  return undefined;
}

function validateOperator(
  input: Json,
  spec: FactSpec | undefined,
  path: Path,
  problems: Problems,
): ParsedOperator | undefined {
  const at = [...path, 'operator'];
  const written = input['operator'];
  if (written === undefined) {
    problems.add(at, 'ERR_PROPERTY_MISSING', 'a condition needs an "operator"');
    return undefined;
  }
  const operator = typeof written === 'string' ? parseOperator(written) : undefined;
  if (operator === undefined) {
    const names = Object.keys(OPERATORS).join(', ');
    problems.add(
      at,
      'ERR_OPERATOR_UNKNOWN',
      `unknown operator; known: ${names}; before them ${DECORATORS.map((name) => `${name}:`).join(', ')}`,
    );
    return undefined;
  }
  if (spec === undefined) return undefined;
  const fitting = operatorsFor(spec);
  if (!fitting.includes(operator.name)) {
    const hint = operator.spec.needs === 'listFact' && spec.type !== 'number' ? 'containsText looks into a text; ' : '';
    const kind = `${spec.type}${spec.isList ? ' list' : ''}`;
    problems.add(
      at,
      'ERR_OPERATOR_UNFIT',
      `${operator.name} does not fit a fact of type ${kind}; ${hint}those that do: ${fitting.join(', ')}`,
    );
    return undefined;
  }
  return fitsDecorators(operator, spec, at, problems) ? operator : undefined;
}

function fitsDecorators(operator: ParsedOperator, spec: FactSpec, at: Path, problems: Problems): boolean {
  const ofFact = operator.decorators.find((name) => name === 'everyFact' || name === 'someFact');
  if (operator.name === 'exists' && operator.decorators.some((name) => name !== 'not')) {
    problems.add(at, 'ERR_OPERATOR_UNFIT', 'exists looks at the fact as a whole and takes no decorator but not:');
    return false;
  }
  if (ofFact !== undefined && !spec.isList) {
    problems.add(
      at,
      'ERR_OPERATOR_UNFIT',
      `${ofFact}: needs a list fact; this one is one ${spec.type}: leave ${ofFact}: out`,
    );
    return false;
  }
  return true;
}

function validateParams(input: unknown, spec: FactSpec | undefined, path: Path, problems: Problems): Json {
  if (input !== undefined && !isObject(input)) {
    problems.add(path, 'ERR_VALUE_INVALID', 'params is an object');
    return {};
  }
  const params = input ?? {};
  if (spec === undefined) return params;
  const isText = (spec.type === 'text' || spec.type === 'ip') && spec.holds === undefined;
  const own = spec.params ?? [];
  const known = [...own, ...(isText ? ['caseSensitive'] : [])];
  for (const name of Object.keys(params).filter((one) => !known.includes(one))) {
    const why =
      name === 'caseSensitive'
        ? 'addresses, domains, numbers and booleans have no case'
        : `unknown parameter of this fact; known: ${known.length === 0 ? 'none' : known.join(', ')}`;
    problems.add([...path, name], 'ERR_PROPERTY_UNKNOWN', why);
  }
  const { name, from, caseSensitive } = params;
  const [form, what] = spec.isWritable ? HEADER_NAME : ATTRIBUTE_NAME;
  if (own.includes('name') && (typeof name !== 'string' || !form.test(name))) {
    problems.add([...path, 'name'], name === undefined ? 'ERR_PROPERTY_MISSING' : 'ERR_VALUE_INVALID', what);
  }
  if (own.includes('from') && from !== undefined && !PLACES.some((place) => place === from)) {
    problems.add([...path, 'from'], 'ERR_VALUE_INVALID', `one of ${PLACES.join(', ')}`);
  }
  if (isText && caseSensitive !== undefined && typeof caseSensitive !== 'boolean') {
    problems.add([...path, 'caseSensitive'], 'ERR_VALUE_INVALID', 'true or false');
  }
  return params;
}
