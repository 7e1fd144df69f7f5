import { isUnderDomain, domainOf, normalizeDomain } from '#lib/core';
import type { Outside } from '../judge/outside.js';
import type { TextForms } from '../judge/text-forms.js';
import { foldText, normalizeText } from '../text/fold-text.js';
import { collapseSpace, hasWords } from '../text/find-words.js';
import { isInNetwork, parseNetwork } from '../text/network.js';
import { visibleText } from '../text/visible-text.js';
import { findPattern, type Pattern } from '../text/pattern.js';
import type { PatternRoom } from '../text/pattern-room.js';
import { addressParts, domainParts, wholeAddress, wholeDomain } from './address-form.js';
import type { FactType } from './facts.js';
import type { Predicate } from './operators.js';
import { groupForms } from './relation.js';

export type Scalar = string | number | boolean;

/** What made one value true of one element, an error, or `null`: not true. */
export type Hit = { readonly evidence: string } | { readonly errorCode: string } | null;

/**
 * One compiled value of a condition: asked of each element of the fact. `start`: it is known that the value does not begin
 * before that place of the folded text.
 */
export type Target = (element: Scalar, forms: TextForms, start?: number, outside?: Outside) => Hit;

/** Compiles a value that was found to fit `type` and `predicate`; patterns must have compiled before. */
export function compileTarget(
  type: FactType,
  predicate: Predicate,
  value: Scalar,
  isCaseSensitive: boolean,
  patterns: PatternRoom,
): Target {
  const compiled = (one: Scalar): Target => compileReading(type, predicate, one, isCaseSensitive, patterns);
  if (typeof value !== 'string') return compiled(value);
  const [asWritten, asSeen] = readingsOfValue(type, predicate, value).map(compiled);
  if (asWritten === undefined || asSeen === undefined) return asWritten ?? compiled(value);
  return (element, forms, ...more) => asWritten(element, forms, ...more) ?? asSeen(element, forms, ...more);
}

/** A value as it is written, and where that is another, as people see it. A pattern is what is written. */
export function readingsOfValue(type: FactType, predicate: Predicate, value: string): readonly string[] {
  if (type !== 'text' || predicate === 'matches') return [value];
  const visible = visibleText(value);
  return visible === value || visible.trim() === '' ? [value] : [value, visible];
}

function compileReading(
  type: FactType,
  predicate: Predicate,
  value: Scalar,
  isCaseSensitive: boolean,
  patterns: PatternRoom,
): Target {
  if (typeof value === 'number') return numberTarget(predicate, value);
  if (typeof value === 'boolean') return (element) => (element === value ? { evidence: String(element) } : null);
  switch (predicate) {
    case 'equal':
      return equalTarget(type, value, isCaseSensitive);
    case 'inCidr':
      return networkTarget(value);
    case 'underDomain': {
      const parent = normalizeDomain(value) ?? '';
      const domain = (element: string): string => (type === 'address' ? domainOf(element) : element);
      return onText((element) => (isUnderDomain(plainDomain(domain(element)), parent) ? { evidence: value } : null));
    }
    case 'memberOf':
      return memberTarget(type, value);
    case 'matches':
      return patternTarget(patterns.compile(value, isCaseSensitive));
    default:
      return searchTarget(predicate, searchedParts(type, value, isCaseSensitive), value, isCaseSensitive);
  }
}

function onText(test: (element: string, forms: TextForms, start: number) => Hit): Target {
  return (element, forms, start = 0) => (typeof element === 'string' ? test(element, forms, start) : null);
}

/** What is no address may still have a domain, and that need not be in its normal form. */
export function plainDomain(domain: string): string {
  return /[^\x00-\x7f]|\.$/.test(domain) ? (normalizeDomain(domain) ?? domain) : domain;
}

/** The forms in which a value is searched for; one of them is enough. */
export function searchedParts(type: FactType, value: string, isCaseSensitive: boolean): readonly string[] {
  if (type === 'address') return addressParts(value);
  return type === 'domain' ? domainParts(value) : [textForm(value, isCaseSensitive)];
}

function textForm(value: string, isCaseSensitive: boolean): string {
  return isCaseSensitive ? normalizeText(value) : foldText(value);
}

function equalTarget(type: FactType, value: string, isCaseSensitive: boolean): Target {
  const network = type === 'ip' ? parseNetwork(value) : undefined;
  if (network !== undefined) return onText((element) => (isInNetwork(element, network) ? { evidence: element } : null));
  const whole =
    type === 'address'
      ? wholeAddress(value)
      : type === 'domain'
        ? wholeDomain(value)
        : textForm(value, isCaseSensitive);
  return onText((element, forms) => (forms.of(element, isCaseSensitive) === whole ? { evidence: element } : null));
}

function networkTarget(value: string): Target {
  const network = parseNetwork(value);
  return onText((element) => (network !== undefined && isInNetwork(element, network) ? { evidence: value } : null));
}

/** Of groups: whether it is this one. Of an address: whether the directory has it in the group. */
function memberTarget(type: FactType, group: string): Target {
  const wanted = groupForms(group);
  const hit = { evidence: group };
  if (type === 'text') return onText((element, forms) => (wanted.includes(forms.of(element, false)) ? hit : null));
  return (element, _forms, _start, outside) => {
    const groups = outside?.groupsOf(String(element)) ?? { errorCode: 'ERR_DIRECTORY_UNASKED' };
    if ('errorCode' in groups) return groups;
    return wanted.some((one) => groups.has(one)) ? hit : null;
  };
}

function patternTarget(pattern: Pattern | string): Target {
  if (typeof pattern === 'string') return () => ({ errorCode: 'ERR_PATTERN_LIMIT' });
  return onText((element, forms) => {
    const found = findPattern(pattern, forms.of(element, true));
    if (found === 'limit') return { errorCode: 'ERR_PATTERN_LIMIT' };
    return found === undefined ? null : { evidence: found.match };
  });
}

function searchTarget(predicate: Predicate, parts: readonly string[], value: string, isCaseSensitive: boolean): Target {
  const hit = { evidence: value };
  const anyPart = (test: (text: string, part: string, start: number) => boolean): Target =>
    onText((element, forms, start) => {
      const text = forms.of(element, isCaseSensitive);
      return parts.some((part) => test(text, part, start)) ? hit : null;
    });
  switch (predicate) {
    case 'containsText':
      return anyPart((text, part, start) => text.includes(part, start));
    case 'startsWith':
      return anyPart((text, part) => text.startsWith(part));
    case 'endsWith':
      return anyPart((text, part) => text.endsWith(part));
    case 'containsWords': {
      const phrases = parts.map((part) => collapseSpace(part).trim());
      const isSpaced = phrases.some((phrase) => phrase.includes(' '));
      return onText((element, forms, start) => {
        // Places in a text whose white space is collapsed are others.
        const text = isSpaced ? forms.spaced(element, isCaseSensitive) : forms.of(element, isCaseSensitive);
        return phrases.some((phrase) => hasWords(text, phrase, isSpaced ? 0 : start)) ? hit : null;
      });
    }
    default:
      return () => null;
  }
}

function numberTarget(predicate: Predicate, value: number): Target {
  const tests: Partial<Record<Predicate, (element: number) => boolean>> = {
    equal: (element) => element === value,
    lessThan: (element) => element < value,
    lessThanInclusive: (element) => element <= value,
    greaterThan: (element) => element > value,
    greaterThanInclusive: (element) => element >= value,
  };
  const test = tests[predicate];
  return (element) => (typeof element === 'number' && test?.(element) === true ? { evidence: String(element) } : null);
}
