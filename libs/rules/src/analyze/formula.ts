import { normalizeDomain } from '#lib/core';
import { wholeAddress, wholeDomain } from '../language/address-form.js';
import { FACTS, factSpec, isFactName, type FactSpec } from '../language/facts.js';
import { parseOperator, type DecoratorName, type ParsedOperator } from '../language/operators.js';
import type { Scalar } from '../language/targets.js';
import type { Condition, LeafCondition, RuleSettings } from '../types.js';
import type { Atom } from './literal.js';

/** A condition over atoms. */
export type Formula =
  | { readonly all: readonly Formula[] }
  | { readonly any: readonly Formula[] }
  | { readonly not: Formula }
  | { readonly atom: Atom };

export interface FormulaContext {
  readonly settings: RuleSettings;
  readonly conditions: Readonly<Record<string, Condition>>;
}

/** Facts that are there whatever the message, worked out by the judge from what every message has. */
const ALWAYS_THERE: readonly string[] = [
  'recipient.address',
  'recipient.domain',
  'recipient.in',
  'recipients.count',
  'recipients.externalCount',
  'sender.scope',
  'sender.isAuthenticated',
];
/** Of several Subject lines it has all. */
const SEVERAL: readonly string[] = ['subject'];
const NAMED_LEVELS_MAX = 50;

/** A condition that was validated, named ones put in their place. What a leaf says of lists is taken apart by value. */
export function formulaOf(condition: Condition, context: FormulaContext, level = 0): Formula {
  const part = (one: Condition): Formula => formulaOf(one, context, level);
  if ('all' in condition) return { all: condition.all.map(part) };
  if ('any' in condition) return { any: condition.any.map(part) };
  if ('not' in condition) return { not: part(condition.not) };
  if ('condition' in condition) {
    const name = condition.condition;
    const named = Object.hasOwn(context.conditions, name) ? context.conditions[name] : undefined;
    if (named === undefined || level >= NAMED_LEVELS_MAX) return { atom: opaque(`condition ${name}`, undefined) };
    return formulaOf(named, context, level + 1);
  }
  return ofLeaf(condition, context.settings);
}

function ofLeaf(leaf: LeafCondition, settings: RuleSettings): Formula {
  const spec = isFactName(leaf.fact) ? factSpec(leaf.fact) : undefined;
  const parsed = parseOperator(leaf.operator);
  const known = spec === undefined || parsed === undefined ? undefined : taken(leaf, spec, parsed, settings);
  return known ?? { atom: opaque(JSON.stringify(leaf), spec, leaf) };
}

/** `undefined`: what it asks cannot be said with atoms. */
function taken(
  leaf: LeafCondition,
  spec: FactSpec,
  { spec: operator, decorators }: ParsedOperator,
  settings: RuleSettings,
): Formula | undefined {
  const { predicate, isNegated } = operator;
  if (!UNDERSTOOD.has(predicate) || spec.holds === 'relations') return undefined;
  if (predicate === 'exists') {
    const there: Formula = { atom: atomOf(leaf, spec, predicate, []) };
    const isTurned = (leaf.value === false) !== decorators.filter((name) => name === 'not').length % 2 > 0;
    return isTurned ? { not: there } : there;
  }
  const values = (Array.isArray(leaf.value) ? leaf.value : [leaf.value]) as readonly Scalar[];
  const read = (at: number, some: readonly Scalar[]): Formula | undefined => {
    const decorator: DecoratorName | undefined = decorators[at];
    const each = (): readonly Formula[] | undefined => whole(some.map((value) => read(at + 1, [value])));
    switch (decorator) {
      case undefined: {
        const asked = rewritten(leaf, spec, predicate, some, settings);
        return isNegated ? { not: asked } : asked;
      }
      case 'not': {
        const rest = read(at + 1, some);
        return rest === undefined ? undefined : { not: rest };
      }
      case 'everyValue': {
        const all = each();
        return all === undefined ? undefined : { all };
      }
      case 'someValue': {
        const any = each();
        return any === undefined ? undefined : { any };
      }
      case 'everyFact':
      case 'someFact':
        return undefined;
    }
  };
  return read(0, values);
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  'equal',
  'containsText',
  'startsWith',
  'endsWith',
  'containsWords',
  'matches',
  'underDomain',
  'inCidr',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'exists',
]);

function whole<T>(some: readonly (T | undefined)[]): readonly T[] | undefined {
  const all = some.filter((one) => one !== undefined);
  return all.length === some.length ? all : undefined;
}

/** Where recipients are is said by their domain alone, so that one question is not asked in three ways. */
function rewritten(
  leaf: LeafCondition,
  spec: FactSpec,
  predicate: Atom['predicate'],
  values: readonly Scalar[],
  settings: RuleSettings,
): Formula {
  if (leaf.fact === 'recipient.scope' && predicate === 'equal' && leaf.params?.['caseSensitive'] !== true) {
    const asked = new Set(values.map((value) => String(value).toLowerCase()));
    const partners = settings.partnerDomains.filter((one) => !settings.acceptedDomains.includes(one));
    const isExternal = asked.has('external');
    const named = [
      ...(asked.has('internal') === isExternal ? [] : settings.acceptedDomains),
      ...(asked.has('partner') === isExternal ? [] : partners),
    ];
    const inOne = { atom: atomOf({ fact: DOMAIN, operator: 'equal' }, FACTS[DOMAIN], 'equal', named) };
    return isExternal ? { not: inOne } : inOne;
  }
  if (leaf.fact === 'recipient.address' && predicate === 'underDomain') {
    return { atom: atomOf({ fact: DOMAIN, operator: 'underDomain' }, FACTS[DOMAIN], predicate, values) };
  }
  return { atom: atomOf(leaf, spec, predicate, values) };
}

const DOMAIN = 'recipient.domain';

/** An atom on a fact of the language. */
export function atomOf(
  { fact, params = {} }: LeafCondition,
  spec: FactSpec,
  predicate: Atom['predicate'],
  values: readonly Scalar[],
): Atom {
  const given = { from: textOf(params['from'], 'header'), name: textOf(params['name'], '').toLowerCase() };
  const from = spec.params?.includes('from') === true ? given.from : '';
  const factKey = [fact, ...(spec.params ?? []).map((param) => given[param])].join(':');
  const isCaseSensitive = params['caseSensitive'] === true;
  const normal = [...new Set(values.map((value) => normalValue(spec, predicate, value)))].sort();
  const known: readonly Scalar[] | undefined = spec.type === 'boolean' ? [true, false] : spec.values;
  return {
    key: JSON.stringify([factKey, predicate, normal, isCaseSensitive]),
    factKey,
    fact,
    type: spec.type,
    isSingle: !spec.isList && !SEVERAL.includes(fact) && (from === '' || from === 'envelope'),
    isAlwaysThere: ALWAYS_THERE.includes(fact),
    isOfRecipient: spec.isOfRecipient,
    isWritable: spec.isWritable,
    ...(known === undefined ? {} : { known }),
    predicate,
    values: normal,
    isCaseSensitive,
  };
}

function normalValue(spec: FactSpec, predicate: Atom['predicate'], value: Scalar): Scalar {
  if (typeof value !== 'string') return value;
  if (predicate === 'underDomain') return normalizeDomain(value) ?? value;
  if (predicate !== 'equal') return value;
  if (spec.type === 'address') return wholeAddress(value);
  return spec.type === 'domain' ? wholeDomain(value) : value;
}

function opaque(text: string, spec: FactSpec | undefined, leaf?: LeafCondition): Atom {
  return {
    key: `opaque ${text}`,
    factKey: `opaque ${text}`,
    fact: leaf?.fact ?? '',
    type: spec?.type ?? 'text',
    isSingle: false,
    isAlwaysThere: false,
    isOfRecipient: spec?.isOfRecipient ?? true,
    isWritable: spec?.isWritable ?? true,
    predicate: 'opaque',
    values: [],
    isCaseSensitive: false,
  };
}

function textOf(param: unknown, otherwise: string): string {
  return typeof param === 'string' ? param : otherwise;
}
