import { normalizeAddress, normalizeDomain } from '#lib/core';
import { foldText } from '../text/fold-text.js';

/** The dots of a domain (UTS #46). */
const DOTS = /[.\u3002\uff0e\uff61]/;

/**
 * The forms in which a part of an address is searched for in addresses: folded as it is written, for local parts and for
 * what is no address, and with the labels of a domain as A-labels (`bücher.example` is `xn--bcher-kva.example`). Behind an
 * `@` only a domain can stand.
 */
export function addressParts(text: string): readonly string[] {
  const at = text.lastIndexOf('@');
  const local = foldText(text.slice(0, at + 1));
  return [...new Set([foldText(text), `${local}${domainPart(text.slice(at + 1))}`])];
}

/** The forms in which a part of a domain is searched for in domains. */
export function domainParts(text: string): readonly string[] {
  return [...new Set([foldText(text), domainPart(text)])];
}

/** Each label that has other letters than US-ASCII as an A-label if it can be one; dots at the ends stay. */
function domainPart(text: string): string {
  const label = (one: string): string => (/^[\x00-\x7f]*$/.test(one) ? one : (normalizeDomain(one) ?? one));
  return foldText(text.split(DOTS).map(label).join('.'));
}

/** An address for equality: the normal form of core, or the text where it is none; folded, as elements of facts are. */
export function wholeAddress(text: string): string {
  return foldText(normalizeAddress(text) ?? text);
}

/** A domain for equality. */
export function wholeDomain(text: string): string {
  return foldText(normalizeDomain(text) ?? text);
}
