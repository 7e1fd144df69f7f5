import { domainOf, isUnderDomain } from '#lib/core';
import { TextForms } from '../judge/text-forms.js';
import { compileTarget, plainDomain, type Scalar } from '../language/targets.js';
import { collapseSpace, hasWords } from '../text/find-words.js';
import { foldText, normalizeText } from '../text/fold-text.js';
import { parseNetwork } from '../text/network.js';
import { PatternRoom } from '../text/pattern-room.js';
import { visibleText } from '../text/visible-text.js';
import type { Atom } from './literal.js';
import { boundsOf, meet, within } from './bounds.js';

/** Whether an element that is known exactly meets the predicate with a value; `undefined` if that cannot be told. */
export function elementMeets(atom: Atom, value: Scalar, element: Scalar): boolean | undefined {
  const { predicate, type, isCaseSensitive } = atom;
  if (predicate === 'opaque') return undefined;
  if (predicate === 'exists') return true;
  const target = compileTarget(type, predicate, value, isCaseSensitive, new PatternRoom());
  const hit = target(element, new TextForms());
  return hit === null ? false : 'evidence' in hit ? true : undefined;
}

/** Whether every element that meets one predicate with its value meets the other. `false`: not known to. */
export function valueImplies(one: Atom, value: Scalar, other: Atom, wanted: Scalar): boolean {
  if (other.predicate === 'exists') return true;
  const isSame = one.predicate === other.predicate && value === wanted;
  if (isSame && one.isCaseSensitive === other.isCaseSensitive) return true;
  if (typeof value === 'number' && typeof wanted === 'number') {
    return within(boundsOf(one, value), boundsOf(other, wanted));
  }
  if (typeof value !== 'string' || typeof wanted !== 'string') return false;
  if (one.known !== undefined && one.predicate !== 'matches') return impliedByKnown(one, value, other, wanted);
  switch (one.type) {
    case 'text':
      return textImplies(one, value, other, wanted);
    case 'address':
    case 'domain':
      return addressImplies(one, value, other, wanted);
    case 'ip':
      return isNetwork(one) && isNetwork(other) && lies(value, wanted);
    case 'number':
    case 'boolean':
      return false;
  }
}

/** Whether no one element can meet both. `false`: not known. */
export function valuesExclude(one: Atom, value: Scalar, other: Atom, wanted: Scalar): boolean {
  if (typeof value === 'number' && typeof wanted === 'number') {
    return meet(boundsOf(one, value), boundsOf(other, wanted)) === undefined;
  }
  if (typeof value === 'boolean') return value !== wanted && one.predicate === 'equal' && other.predicate === 'equal';
  if (typeof value !== 'string' || typeof wanted !== 'string') return false;
  if (one.known !== undefined) {
    return one.known.every(
      (known) => elementMeets(one, value, known) === false || elementMeets(other, wanted, known) === false,
    );
  }
  switch (one.type) {
    case 'text':
      return textsExclude(one, value, other, wanted) || textsExclude(other, wanted, one, value);
    case 'address':
    case 'domain':
      return addressesExclude(one, value, other, wanted) || addressesExclude(other, wanted, one, value);
    case 'ip':
      return isNetwork(one) && isNetwork(other) && !lies(value, wanted) && !lies(wanted, value);
    case 'number':
    case 'boolean':
      return false;
  }
}

function impliedByKnown(one: Atom, value: string, other: Atom, wanted: string): boolean {
  return (one.known ?? []).every(
    (known) => elementMeets(one, value, known) === false || elementMeets(other, wanted, known) === true,
  );
}

/** Nothing in it that nobody sees, nothing that composes with what stands before it. */
function isPlain(text: string): boolean {
  return visibleText(text) === text && !/\p{M}/u.test(text);
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Both are asked of the same reading of a text, so what one says of its characters the other may use. */
function textImplies(one: Atom, value: string, other: Atom, wanted: string): boolean {
  if (!isPlain(value) || !isPlain(wanted)) return false;
  if (other.isCaseSensitive && !one.isCaseSensitive) return false;
  const form = other.isCaseSensitive ? normalizeText : foldText;
  return charactersImply(one.predicate, form(value), other.predicate, form(wanted));
}

function charactersImply(one: Atom['predicate'], value: string, other: Atom['predicate'], wanted: string): boolean {
  const isWhole = one === 'equal';
  const phrase = collapseSpace(value).trim();
  switch (other) {
    case 'containsText':
      if (one === 'containsWords') return !/\s/.test(wanted) && phrase.includes(wanted);
      return (
        (isWhole || one === 'containsText' || one === 'startsWith' || one === 'endsWith') && value.includes(wanted)
      );
    case 'startsWith':
      return (isWhole || one === 'startsWith') && value.startsWith(wanted);
    case 'endsWith':
      return (isWhole || one === 'endsWith') && value.endsWith(wanted);
    case 'containsWords': {
      const words = collapseSpace(wanted).trim();
      return isWhole ? hasWords(collapseSpace(value), words) : one === 'containsWords' && hasWords(phrase, words);
    }
    case 'equal':
      return isWhole && value === wanted;
    default:
      return false;
  }
}

function textsExclude(one: Atom, value: string, other: Atom, wanted: string): boolean {
  if (one.predicate !== 'equal' || !isAscii(value) || !isAscii(wanted)) return false;
  const [whole, part] = [foldText(value), foldText(wanted)];
  switch (other.predicate) {
    case 'equal':
      return whole !== part;
    case 'containsText':
      return !whole.includes(part);
    case 'startsWith':
      return !whole.startsWith(part);
    case 'endsWith':
      return !whole.endsWith(part);
    default:
      return false;
  }
}

function addressImplies(one: Atom, value: string, other: Atom, wanted: string): boolean {
  if (one.predicate === 'equal') return elementMeets(other, wanted, value) === true;
  const domain = domainSaid(one, value);
  if (other.predicate === 'underDomain' && domain !== undefined) return isUnderDomain(plainDomain(domain), wanted);
  if (!isAscii(value) || !isAscii(wanted)) return false;
  return charactersImply(one.predicate, foldText(value), other.predicate, foldText(wanted));
}

function addressesExclude(one: Atom, value: string, other: Atom, wanted: string): boolean {
  if (one.predicate === 'equal') return elementMeets(other, wanted, value) === false;
  const domain = domainSaid(one, value);
  const otherDomain = domainSaid(other, wanted);
  if (domain !== undefined && otherDomain !== undefined) {
    return !isUnderDomain(domain, otherDomain) && !isUnderDomain(otherDomain, domain);
  }
  return (
    one.predicate === 'endsWith' &&
    other.predicate === 'endsWith' &&
    isAscii(value) &&
    isAscii(wanted) &&
    !foldText(value).endsWith(foldText(wanted)) &&
    !foldText(wanted).endsWith(foldText(value))
  );
}

/** The domain that every element is in or under, where the predicate says one. */
function domainSaid({ predicate, type }: Atom, value: string): string | undefined {
  if (predicate === 'underDomain') return value;
  const isEnding = predicate === 'endsWith' && type === 'address' && /^@[\x21-\x3f\x41-\x7e]+$/.test(value);
  return isEnding ? domainOf(foldText(value)) : undefined;
}

function isNetwork({ predicate }: Atom): boolean {
  return predicate === 'equal' || predicate === 'inCidr';
}

/** Whether the first network lies in the second. */
function lies(inner: string, outer: string): boolean {
  const [one, other] = [parseNetwork(inner), parseNetwork(outer)];
  if (one === undefined || other?.bits !== one.bits || one.prefix < other.prefix) return false;
  const shift = BigInt(other.bits - other.prefix);
  return one.address >> shift === other.address >> shift;
}
