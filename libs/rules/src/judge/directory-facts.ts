import { normalizeAddress } from '#lib/core';
import type { FactRead } from '../language/fact-read.js';
import type { DirectoryEntry, FactError, FactRecord, FactValue } from '../types.js';

/** What the directory says of one address; `null`: it does not know it. */
export type Entry = DirectoryEntry | FactError | null;

const UNASKED: FactError = { errorCode: 'ERR_DIRECTORY_UNASKED' };

/** What the directory said of an address. Of one that it was not asked for nothing is known: an error, not `null`. */
export function entryOf({ directory = {} }: Pick<FactRecord, 'directory'>, address: string | undefined): Entry {
  if (address === undefined) return null;
  const key = normalizeAddress(address) ?? address;
  return Object.hasOwn(directory, key) ? (directory[key] ?? null) : UNASKED;
}

/** The value of a fact about these people, together; in error if what one of them is could not be had. */
export function directoryFact({ fact, name }: FactRead, entries: readonly Entry[]): FactValue | FactError {
  const known: (DirectoryEntry | null)[] = [];
  for (const entry of entries) {
    if (isError(entry)) return entry;
    known.push(entry);
  }
  switch (fact) {
    case 'sender.groups':
    case 'recipient.groups':
      return [...new Set(known.flatMap((entry) => entry?.groups ?? []))];
    case 'sender.manager':
    case 'recipient.manager':
      return known.flatMap((entry) => entry?.manager ?? []);
    case 'sender.attribute':
    case 'recipient.attribute':
      return known.flatMap((entry) => attributeOf(entry, name));
    default:
      // Who is unknown may not.
      return known.map((entry) => entry?.canEncrypt ?? false);
  }
}

/** Values of an attribute, whose name is in lower case. */
export function attributeOf(entry: DirectoryEntry | null, name: string): readonly string[] {
  return entry !== null && Object.hasOwn(entry.attributes, name) ? (entry.attributes[name] ?? []) : [];
}

export function isError(entry: Entry): entry is FactError {
  return entry !== null && 'errorCode' in entry;
}

/** Addresses of the managers of all in From, or why one of them is not known. */
export function managersOf(record: FactRecord): readonly string[] | FactError {
  const managers: string[] = [];
  for (const { address } of record.headerFrom) {
    const entry = entryOf(record, address);
    if (isError(entry)) return entry;
    if (entry === null || entry.manager === null) return MANAGER_UNKNOWN;
    managers.push(normalizeAddress(entry.manager) ?? entry.manager);
  }
  return managers.length === 0 ? MANAGER_UNKNOWN : [...new Set(managers)];
}

const MANAGER_UNKNOWN: FactError = { errorCode: 'ERR_MANAGER_UNKNOWN' };
