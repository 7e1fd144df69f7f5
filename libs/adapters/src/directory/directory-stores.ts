import type { Page, PageQuery, WriteMiss } from '../postgres/stores.js';

/** What organizations say of their people and groups. Every method acts for one organization (row-level security). */

/** Addresses in the form of `normalizeAddress`. */
export interface DirectoryUser {
  readonly id: string;
  readonly version: number;
  readonly address: string;
  readonly aliases: readonly string[];
  readonly displayName: string | null;
  readonly manager: string | null;
  /** Values by the attribute's name in lower case. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly canEncrypt: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type DirectoryUserInput = Omit<DirectoryUser, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

/** A group without its members, of which there may be many. */
export interface DirectoryGroup {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly address: string | null;
  readonly memberCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type DirectoryGroupInput = Pick<DirectoryGroup, 'name' | 'address'>;

/** Another one has these: addresses, or the name of a group. Nothing was written. */
export interface Taken {
  readonly kind: 'taken';
  readonly values: readonly string[];
}

/** A line of a file: the first line behind the header is 2 unless values with line breaks stand above. */
interface ImportLine {
  readonly line: number;
}

/** What a file says of a person; what it has no column for stays as it is. */
export type UserLine = ImportLine & Pick<DirectoryUserInput, 'address'> & Partial<DirectoryUserInput>;

/** One membership, or a group alone. `member` in its stored form. */
export interface GroupLine extends ImportLine {
  readonly name: string;
  readonly address?: string | null;
  readonly member?: string;
}

export interface ImportOptions {
  /** Everything is tried and nothing kept. */
  readonly isDryRun: boolean;
  /** What the file does not name goes. */
  readonly removesOthers: boolean;
}

export interface ImportProblem extends ImportLine {
  readonly code: 'taken' | 'tooMany';
  readonly value: string;
}

/** Counts are of people or groups; with problems nothing was written. */
export type ImportOutcome =
  | {
      readonly kind: 'written';
      readonly created: number;
      readonly updated: number;
      readonly unchanged: number;
      readonly removed: number;
    }
  | { readonly kind: 'refused'; readonly problems: readonly ImportProblem[] };

export interface DirectoryUserStore {
  /** By address, in the order of the alphabet; with `address` the one whose address or alias it is. */
  list(organizationId: string, filter: { readonly address?: string }, page: PageQuery): Promise<Page<DirectoryUser>>;
  find(organizationId: string, id: string): Promise<DirectoryUser | undefined>;
  create(
    organizationId: string,
    input: DirectoryUserInput,
  ): Promise<{ readonly kind: 'written'; readonly user: DirectoryUser } | Taken>;
  replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: DirectoryUserInput,
  ): Promise<{ readonly kind: 'written'; readonly user: DirectoryUser } | WriteMiss | Taken>;
  remove(organizationId: string, id: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss>;
  /** All in one transaction; no address stands in two lines. */
  import(organizationId: string, lines: readonly UserLine[], options: ImportOptions): Promise<ImportOutcome>;
}

export interface DirectoryGroupStore {
  /** By name; with `address` or `name` the one that has it, with `member` those that it is in without others between. */
  list(
    organizationId: string,
    filter: { readonly address?: string; readonly name?: string; readonly member?: string },
    page: PageQuery,
  ): Promise<Page<DirectoryGroup>>;
  find(organizationId: string, id: string): Promise<DirectoryGroup | undefined>;
  create(
    organizationId: string,
    input: DirectoryGroupInput & { readonly members: readonly string[] },
  ): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup } | Taken>;
  /** `members` absent: they stay. */
  replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: DirectoryGroupInput & { readonly members?: readonly string[] },
  ): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup } | WriteMiss | Taken>;
  remove(organizationId: string, id: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss>;
  /** In the order of the alphabet; `undefined` where there is no such group. */
  members(organizationId: string, id: string, page: PageQuery): Promise<Page<string> | undefined>;
  /** Those that are there or not there already are passed over. `tooMany`: the group would have more than fits. */
  changeMembers(
    organizationId: string,
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup } | { readonly kind: 'missing' | 'tooMany' }>;
  import(organizationId: string, lines: readonly GroupLine[], options: ImportOptions): Promise<ImportOutcome>;
}

/** More members than this no group may have; other groups count as one. */
export const GROUP_MEMBERS_MAX = 100_000;

/** The names of groups in the form in which they are compared. */
export function groupKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
