import { normalizeAddress, normalizeDomain } from '#lib/core';
import type { FactSpec } from '../language/facts.js';
import type { ParsedOperator } from '../language/operators.js';
import { readRelation } from '../language/relation.js';
import { foldText, normalizeText } from '../text/fold-text.js';
import { collapseSpace } from '../text/find-words.js';
import { parseNetwork } from '../text/network.js';
import { PATTERN_CHARS_MAX, PATTERN_PROGRAM_MAX } from '../text/pattern.js';
import type { PatternRoom } from '../text/pattern-room.js';
import type { RuleProblemCode } from './problems.js';

/** Characters of one value. */
const VALUE_CHARS_MAX = 2_000;

/** What a value is compared with, and how. */
export interface Comparison {
  readonly spec: FactSpec;
  readonly operator: ParsedOperator;
  readonly isCaseSensitive: boolean;
}

export interface ValueProblem {
  readonly code: RuleProblemCode;
  readonly message: string;
}

/** Why a value can never be what a condition looks for, `undefined` if it can. */
export function valueProblem(value: unknown, comparison: Comparison, patterns: PatternRoom): ValueProblem | undefined {
  const { spec, operator, isCaseSensitive } = comparison;
  if (spec.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return wrong('this fact is a number; so is the value');
    return isOutside(value, spec) ? wrong(`this fact is from ${spec.range?.min} to ${spec.range?.max}`) : undefined;
  }
  if (spec.type === 'boolean') {
    return typeof value === 'boolean' ? undefined : wrong('this fact is true or false; so is the value');
  }
  if (typeof value !== 'string') return wrong('this fact is text; so is the value');
  if (value.length > VALUE_CHARS_MAX) return wrong(`at most ${VALUE_CHARS_MAX} characters`);
  if (operator.spec.predicate === 'matches') return patternProblem(value, isCaseSensitive, patterns);
  const message = textProblem(value, comparison);
  return message === undefined ? undefined : wrong(message);
}

function isOutside(value: number, { range }: FactSpec): boolean {
  return range !== undefined && (!Number.isInteger(value) || value < range.min || value > range.max);
}

function isDay(value: string): boolean {
  const day = new Date(`${value}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function wrong(message: string): ValueProblem {
  return { code: 'ERR_VALUE_INVALID', message };
}

function textProblem(value: string, { spec, operator, isCaseSensitive }: Comparison): string | undefined {
  if (spec.type === 'domain' && value.includes('@')) return 'a domain like example.com, without @';
  if (spec.isWithoutDot === true && value.includes('.')) {
    return 'what stands behind the last dot of a name, written without the dot: exe';
  }
  if (spec.holds === 'relations' && readRelation(value) === undefined) {
    return (
      'one of senderManagesRecipient, recipientManagesSender, sameAttribute:<name of an attribute>, ' +
      'between:<group>/<group> (a group whose name has a / by its address)'
    );
  }
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
      if (collapseSpace(value).trim() === '') return 'a word or phrase; this one is empty';
      return spec.type === 'address' && /^\s*@/.test(value)
        ? 'words stand whole, and before the @ of an address stands a letter: use underDomain or endsWith'
        : undefined;
    case 'equal':
      return equalityProblem(value, spec, isCaseSensitive);
    default:
      return value === '' ? 'every text contains the empty one; ask with exists' : undefined;
  }
}

function equalityProblem(value: string, spec: FactSpec, isCaseSensitive: boolean): string | undefined {
  if (spec.type === 'address' && normalizeAddress(value) === undefined) return 'a whole address like ann@example.com';
  if (spec.type === 'domain' && normalizeDomain(value) === undefined) return 'a domain like example.com';
  if (spec.type === 'ip' && (parseNetwork(value) === undefined || value.includes('/')))
    return 'an IP address; inCidr takes networks';
  if (spec.isDate === true && !isDay(value)) return 'a day like 2026-11-25; startsWith takes years and months';
  const form = isCaseSensitive ? normalizeText : foldText;
  if (spec.values?.every((known) => form(known) !== form(value)) === true) {
    return `this fact is never that; it is one of ${spec.values.join(', ')}`;
  }
  return undefined;
}

function patternProblem(source: string, isCaseSensitive: boolean, patterns: PatternRoom): ValueProblem | undefined {
  const invalid = (message: string): ValueProblem => ({ code: 'ERR_PATTERN_INVALID', message });
  if (source === '') return invalid('every text matches the empty pattern; ask with exists');
  switch (patterns.compile(source, isCaseSensitive)) {
    case 'invalid':
      return invalid('not a pattern of RE2 (no look-around, no back-references)');
    case 'tooLong':
      return invalid(`at most ${PATTERN_CHARS_MAX} characters`);
    case 'tooLarge':
      return invalid(`compiles to more than ${PATTERN_PROGRAM_MAX} instructions; make its repetitions smaller`);
    case 'tooSlow':
      return invalid('takes too long to compile; use fewer classes like \\p{L} and narrower ranges');
    case 'noRoom':
      return {
        code: 'ERR_RULE_TOO_LARGE',
        message: 'these patterns take together too long to compile; use fewer, or several rules',
      };
    default:
      return undefined;
  }
}
