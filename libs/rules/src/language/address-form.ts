import { normalizeAddress, normalizeDomain } from '#lib/core';
import { foldText } from '../text/fold-text.js';

/**
 * A part of an address as it is searched for in addresses: folded, and what is written behind an `@` in A-labels
 * (`@bücher.example` is looked for as `@xn--bcher-kva.example`).
 */
export function addressPart(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 ? foldText(text) : `${foldText(text.slice(0, at))}@${domainPart(text.slice(at + 1))}`;
}

/** A part of a domain as it is searched for in domains: A-labels where it has other letters than US-ASCII, else folded. */
export function domainPart(text: string): string {
  const isAscii = /^[\x00-\x7f]*$/.test(text);
  return isAscii ? text.toLowerCase() : (normalizeDomain(text) ?? foldText(text));
}

/** An address for equality: the normal form of core, or folded text where it is none. */
export function wholeAddress(text: string): string {
  return normalizeAddress(text) ?? addressPart(text);
}

/** A domain for equality. */
export function wholeDomain(text: string): string {
  return normalizeDomain(text) ?? domainPart(text);
}
