import type { ListType, PackedEntries } from '#lib/rules';
import type { Page, PageQuery, WriteMiss } from '../stores.js';

/** A named list as it is now. */
export interface NamedList {
  readonly name: string;
  readonly type: ListType;
  readonly description: string;
  /** Counts every write. */
  readonly version: number;
  readonly entries: {
    /** Counts the writes that changed the entries. */
    readonly version: number;
    readonly count: number;
    /** Hex of the SHA-256 of the packed entries. */
    readonly sha256: string;
    readonly updatedAt: string;
  };
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Where a list is asked: names of rules, at most a hundred. */
export interface ListUse {
  readonly rules: readonly string[];
}

type Written = { readonly kind: 'written'; readonly list: NamedList };

/** Named lists. A write that changes the entries publishes a new rule set in the same transaction where a rule asks the list. */
export interface ListStore {
  /** By name. */
  list(organizationId: string, page: PageQuery): Promise<Page<NamedList>>;
  find(organizationId: string, name: string): Promise<NamedList | undefined>;
  /** `taken`: there is one of that name. */
  create(
    organizationId: string,
    input: Pick<NamedList, 'name' | 'type' | 'description'>,
  ): Promise<Written | { readonly kind: 'taken' }>;
  /** `version`: what If-Match named; `null` for `*`. */
  describe(
    organizationId: string,
    name: string,
    version: number | null,
    input: Pick<NamedList, 'description'>,
  ): Promise<Written | WriteMiss>;
  /** `used`: rules in force ask it, and it stays. */
  remove(
    organizationId: string,
    name: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | { readonly kind: 'used'; readonly by: ListUse } | WriteMiss>;
  /** Packed entries of the list's type. The same again change nothing. */
  replaceEntries(
    organizationId: string,
    name: string,
    version: number | null,
    entries: PackedEntries,
  ): Promise<Written | WriteMiss>;
}
