import type { Directory, DirectoryErrorCode } from '#lib/flow';
import type { DirectoryEntry, DirectoryFacts, FactError } from '#lib/rules';
import type { DatabasePool } from '../postgres/database-pool.js';
import { GroupCommit } from '../postgres/group-commit.js';
import { prepared } from '../postgres/statement.js';

/** An address in more groups than this, those that it is in through others included, is an error. */
const GROUPS_MAX = 2_000;
/** Memberships that one query gives at most, over all its addresses. */
const ROWS_MAX = 100_000;
/** Addresses of one query; what a large message asks is asked in turns. */
const ADDRESSES_MAX = 500;

interface EntryRow {
  readonly asked: string;
  readonly address: string | null;
  readonly display_name: string | null;
  readonly manager: string | null;
  readonly attributes: DirectoryEntry['attributes'] | null;
  readonly can_encrypt: boolean | null;
  readonly groups: readonly string[] | null;
  readonly group_count: number;
  readonly is_cut: boolean;
}

/**
 * Entries of many addresses at once. `held` goes from memberships upward until nothing new is found: circles end by
 * themselves, since a pair is found once. An address of a group is in that group: mail to it goes to its members.
 */
const loadEntries = prepared<EntryRow, [organizationId: string, addresses: readonly string[], rowsMax: number]>(
  'load_directory_entries',
  `WITH RECURSIVE asked AS (
     SELECT g.address, d.user_id
       FROM unnest($2::text[]) g (address)
       LEFT JOIN directory_address d ON d.organization_id = $1 AND d.address = g.address
   ), written AS (
     SELECT a.address, a.address AS member FROM asked a
      UNION
     SELECT a.address, d.address FROM asked a
       JOIN directory_address d ON d.organization_id = $1 AND d.user_id = a.user_id
   ), held (address, group_id) AS (
     (SELECT w.address, m.group_id FROM written w
        JOIN directory_member m ON m.organization_id = $1 AND m.member = w.member
       UNION
      SELECT w.address, g.id FROM written w JOIN directory_group g ON g.organization_id = $1 AND g.address = w.member)
      UNION
     SELECT h.address, m.group_id FROM held h
       JOIN directory_group g ON g.organization_id = $1 AND g.id = h.group_id
      CROSS JOIN LATERAL (VALUES (g.key), (g.address)) n (name)
       JOIN directory_member m ON m.organization_id = $1 AND m.member = n.name
   ), seen AS (
     SELECT address, group_id FROM held LIMIT $3
   ), named AS (
     SELECT s.address, array_agg(g.key) || array_remove(array_agg(g.address), NULL) AS groups, count(*)::integer AS count
       FROM seen s JOIN directory_group g ON g.organization_id = $1 AND g.id = s.group_id
      GROUP BY s.address
   )
   SELECT a.address AS asked, u.address, u.display_name, coalesce(b.address, u.manager) AS manager, u.attributes,
          u.can_encrypt, n.groups, coalesce(n.count, 0) AS group_count,
          (SELECT count(*) FROM seen) >= $3 AS is_cut
     FROM asked a
     LEFT JOIN directory_user u ON u.organization_id = $1 AND u.id = a.user_id
     LEFT JOIN directory_address m ON m.organization_id = $1 AND m.address = u.manager
     LEFT JOIN directory_user b ON b.organization_id = $1 AND b.id = m.user_id
     LEFT JOIN named n ON n.address = a.address`,
);

/**
 * The people and groups that an organization stores here: what was written is in force with the next look-up. Look-ups
 * that meet are one query. Errors: those of the database.
 */
export class StoredDirectory implements Directory {
  readonly #lookUps: GroupCommit<readonly string[], Map<string, EntryRow>>;

  constructor(pool: DatabasePool) {
    this.#lookUps = new GroupCommit({
      write: async (organizationId, calls) => {
        const addresses = [...new Set(calls.flat())];
        const rows = await pool.one(organizationId, loadEntries(organizationId, addresses, ROWS_MAX));
        const byAddress = new Map(rows.map((row) => [row.asked, row]));
        return calls.map(() => byAddress);
      },
      // As many as fit into one query.
      rowsOf: (addresses) => addresses.length * (10_000 / ADDRESSES_MAX),
    });
  }

  async lookup(organizationId: string, addresses: readonly string[]): Promise<DirectoryFacts> {
    const found: [string, DirectoryEntry | FactError | null][] = [];
    for (let at = 0; at < addresses.length; at += ADDRESSES_MAX) {
      const some = addresses.slice(at, at + ADDRESSES_MAX);
      const rows = await this.#lookUps.run(organizationId, some);
      for (const address of some) found.push([address, entryOf(rows.get(address))]);
    }
    return Object.fromEntries(found);
  }
}

const LIMIT: { readonly errorCode: DirectoryErrorCode } = { errorCode: 'ERR_DIRECTORY_LIMIT' };

function entryOf(row: EntryRow | undefined): DirectoryEntry | FactError | null {
  if (row === undefined) return null;
  if (row.is_cut || row.group_count > GROUPS_MAX) return LIMIT;
  if (row.address === null && row.groups === null) return null;
  return {
    address: row.address ?? row.asked,
    displayName: row.display_name,
    manager: row.manager,
    groups: row.groups ?? [],
    attributes: row.attributes ?? {},
    canEncrypt: row.can_encrypt ?? true,
  };
}
