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
 * themselves, since a pair is found once. OFFSET 0 keeps the planner, who has no idea how few there are, to that order. An address of a group is in that group: mail to it goes to its members.
 */
const loadEntries = prepared<EntryRow, [organizationId: string, addresses: readonly string[], rowsMax: number]>(
  'load_directory_entries',
  `WITH RECURSIVE asked AS (
     SELECT g.address, d.user_id FROM unnest($2::text[]) g (address)
       LEFT JOIN LATERAL (
         SELECT user_id FROM directory_address WHERE organization_id = $1 AND address = g.address OFFSET 0) d ON true
   ), written AS (
     SELECT a.address, a.address AS member FROM asked a
      UNION
     SELECT a.address, d.address FROM asked a
      CROSS JOIN LATERAL (
        SELECT address FROM directory_address WHERE organization_id = $1 AND user_id = a.user_id OFFSET 0) d
   ), held (address, group_id) AS (
     (SELECT w.address, m.group_id FROM written w
       CROSS JOIN LATERAL (
         SELECT group_id FROM directory_member WHERE organization_id = $1 AND member = w.member OFFSET 0) m
       UNION
      SELECT w.address, g.id FROM written w
       CROSS JOIN LATERAL (
         SELECT id FROM directory_group WHERE organization_id = $1 AND address = w.member OFFSET 0) g)
      UNION
     SELECT h.address, m.group_id FROM held h
      CROSS JOIN LATERAL (
        SELECT key, address FROM directory_group WHERE organization_id = $1 AND id = h.group_id OFFSET 0) g
      CROSS JOIN LATERAL (VALUES (g.key), (g.address)) n (name)
      CROSS JOIN LATERAL (
        SELECT group_id FROM directory_member WHERE organization_id = $1 AND member = n.name OFFSET 0) m
   ), seen AS (
     SELECT address, group_id FROM held LIMIT $3
   ), named AS (
     SELECT s.address, array_agg(g.key) || array_remove(array_agg(g.address), NULL) AS groups, count(*)::integer AS count
       FROM seen s
      CROSS JOIN LATERAL (
        SELECT key, address FROM directory_group WHERE organization_id = $1 AND id = s.group_id OFFSET 0) g
      GROUP BY s.address
   )
   SELECT a.address AS asked, u.address, u.display_name, coalesce(b.address, u.manager) AS manager, u.attributes,
          u.can_encrypt, n.groups, coalesce(n.count, 0) AS group_count,
          (SELECT count(*) FROM seen) >= $3 AS is_cut
     FROM asked a
     LEFT JOIN LATERAL (
       SELECT * FROM directory_user WHERE organization_id = $1 AND id = a.user_id OFFSET 0) u ON true
     LEFT JOIN LATERAL (
       SELECT user_id FROM directory_address WHERE organization_id = $1 AND address = u.manager OFFSET 0) m ON true
     LEFT JOIN LATERAL (
       SELECT address FROM directory_user WHERE organization_id = $1 AND id = m.user_id OFFSET 0) b ON true
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
