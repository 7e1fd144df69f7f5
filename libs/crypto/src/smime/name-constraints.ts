import { domainOf } from '#lib/core';
import type { NameBounds } from './certificate-info.js';
import { TAG, derChildren, readDer, type DerElement } from './der.js';

const RFC822_NAME = 0x81;
const DIRECTORY_NAME = 0xa4;

/**
 * Reads NameConstraints (RFC 5280 section 4.2.1.10). Only bounds on e-mail addresses are processed; those on DNS names,
 * URIs and the like are about names that this lib never uses; those on directory names are reported.
 */
export function readNameConstraints(bytes: Uint8Array): NameBounds {
  const trees = derChildren(bytes, readDer(bytes, 0, bytes.length));
  const permitted = bases(bytes, trees, TAG.context0);
  const excluded = bases(bytes, trees, TAG.context1);
  return {
    permitted: permitted.some(({ tag }) => tag === RFC822_NAME) ? texts(bytes, permitted) : undefined,
    excluded: texts(bytes, excluded),
    hasOtherNames: [...permitted, ...excluded].some(({ tag }) => tag === DIRECTORY_NAME),
  };
}

/** Whether these bounds let every one of the addresses stand below. */
export function allowsAddresses(bounds: NameBounds, addresses: readonly string[]): boolean {
  if (bounds.hasOtherNames) return false;
  const { permitted, excluded } = bounds;
  return addresses.every(
    (address) =>
      (permitted === undefined || permitted.some((bound) => isWithin(address, bound))) &&
      !excluded.some((bound) => isWithin(address, bound)),
  );
}

/** A bound is one mailbox, all mailboxes of one host, or with a leading dot those of every host below a domain. */
function isWithin(address: string, bound: string): boolean {
  if (bound === '') return true;
  if (bound.includes('@')) return address === bound;
  const domain = domainOf(address);
  return bound.startsWith('.') ? domain.endsWith(bound) : domain === bound;
}

function bases(bytes: Uint8Array, trees: readonly DerElement[], tag: number): DerElement[] {
  return trees
    .filter((tree) => tree.tag === tag)
    .flatMap((tree) => derChildren(bytes, tree))
    .map((subtree) => readDer(bytes, subtree.content, subtree.end));
}

function texts(bytes: Uint8Array, names: readonly DerElement[]): string[] {
  return names
    .filter(({ tag }) => tag === RFC822_NAME)
    .map(({ content, end }) => Buffer.from(bytes.subarray(content, end)).toString('latin1').toLowerCase());
}
