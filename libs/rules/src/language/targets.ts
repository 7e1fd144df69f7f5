import { isUnderDomain, domainOf, normalizeDomain } from '#lib/core';
import type { TextForms } from '../judge/text-forms.js';
import { foldText, normalizeText } from '../text/fold-text.js';
import { collapseSpace, hasWords } from '../text/find-words.js';
import { isInNetwork, parseNetwork } from '../text/network.js';
import { compilePattern, findPattern, type Pattern } from '../text/pattern.js';
import { addressPart, domainPart, wholeAddress, wholeDomain } from './address-form.js';
import type { FactType } from './facts.js';
import type { Predicate } from './operators.js';

export type Scalar = string | number | boolean;

/** What made one value true of one element, an error, or `null`: not true. */
export type Hit = { readonly evidence: string } | { readonly errorCode: string } | null;

/** One compiled value of a condition: asked of each element of the fact. */
export type Target = (element: Scalar, forms: TextForms) => Hit;

/** Compiles a value that was found to fit `type` and `predicate`; patterns must have compiled before. */
export function compileTarget(type: FactType, predicate: Predicate, value: Scalar, isCaseSensitive: boolean): Target {
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
      return onText((element) => (isUnderDomain(domain(element), parent) ? { evidence: value } : null));
    }
    case 'matches':
      return patternTarget(compilePattern(value, isCaseSensitive));
    default:
      return searchTarget(predicate, partOf(type, value, isCaseSensitive), value, isCaseSensitive);
  }
}

function onText(test: (element: string, forms: TextForms) => Hit): Target {
  return (element, forms) => (typeof element === 'string' ? test(element, forms) : null);
}

function partOf(type: FactType, value: string, isCaseSensitive: boolean): string {
  if (type === 'address') return addressPart(value);
  if (type === 'domain') return domainPart(value);
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
        : partOf(type, value, isCaseSensitive);
  return onText((element, forms) => (forms.of(element, isCaseSensitive) === whole ? { evidence: element } : null));
}

function networkTarget(value: string): Target {
  const network = parseNetwork(value);
  return onText((element) => (network !== undefined && isInNetwork(element, network) ? { evidence: value } : null));
}

function patternTarget(pattern: Pattern | string): Target {
  if (typeof pattern === 'string') return () => ({ errorCode: 'ERR_PATTERN_LIMIT' });
  return onText((element, forms) => {
    const found = findPattern(pattern, forms.of(element, true));
    if (found === 'limit') return { errorCode: 'ERR_PATTERN_LIMIT' };
    return found === undefined ? null : { evidence: found.match };
  });
}

function searchTarget(predicate: Predicate, part: string, value: string, isCaseSensitive: boolean): Target {
  const hit = { evidence: value };
  const form = (element: string, forms: TextForms): string => forms.of(element, isCaseSensitive);
  switch (predicate) {
    case 'containsText':
      return onText((element, forms) => (form(element, forms).includes(part) ? hit : null));
    case 'startsWith':
      return onText((element, forms) => (form(element, forms).startsWith(part) ? hit : null));
    case 'endsWith':
      return onText((element, forms) => (form(element, forms).endsWith(part) ? hit : null));
    case 'containsWords': {
      const phrase = collapseSpace(part).trim();
      return onText((element, forms) => (hasWords(forms.spaced(element, isCaseSensitive), phrase) ? hit : null));
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
