import { isId, newId } from '#lib/core';
import type { DatabasePool, Send } from '../postgres/database-pool.js';
import { missOf } from '../postgres/miss-of.js';
import { orRollBack } from '../postgres/or-roll-back.js';
import { idCursor, idOfCursor, pageOf, textCursor, textOfCursor } from '../postgres/pages.js';
import { prepared } from '../postgres/statement.js';
import type { Page, PageQuery, WriteMiss } from '../postgres/stores.js';
import type { Drawing } from '../postgres/stores/drawing.js';
import {
  GROUP_MEMBERS_MAX,
  groupKey,
  type DirectoryGroup,
  type DirectoryGroupInput,
  type DirectoryGroupStore,
  type GroupLine,
  type ImportOptions,
  type ImportOutcome,
  type Taken,
} from './directory-stores.js';
import { importGroups } from './import-groups.js';

interface GroupRow {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly address: string | null;
  readonly member_count: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = `g.id, g.version, g.name, g.address, g.created_at, g.updated_at,
  (SELECT count(*)::integer FROM directory_member m WHERE m.organization_id = g.organization_id AND m.group_id = g.id)
    AS member_count`;

interface Filter {
  readonly address?: string;
  readonly name?: string;
  readonly member?: string;
}

const listGroups = prepared<
  GroupRow,
  [organizationId: string, before: string | null, limit: number, address: string | null, key: string | null]
>(
  'list_directory_groups',
  `SELECT ${COLUMNS} FROM directory_group g
    WHERE g.organization_id = $1 AND ($2::uuid IS NULL OR g.id < $2) AND ($4::text IS NULL OR g.address = $4)
      AND ($5::text IS NULL OR g.key = $5)
    ORDER BY g.id DESC LIMIT $3`,
);
const listGroupsOf = prepared<GroupRow, [organizationId: string, before: string | null, limit: number, member: string]>(
  'list_directory_groups_of',
  `SELECT ${COLUMNS} FROM directory_member o JOIN directory_group g ON g.organization_id = $1 AND g.id = o.group_id
    WHERE o.organization_id = $1 AND o.member = $4 AND ($2::uuid IS NULL OR g.id < $2)
    ORDER BY g.id DESC LIMIT $3`,
);
const findGroup = prepared<GroupRow, [organizationId: string, id: string]>(
  'find_directory_group',
  `SELECT ${COLUMNS} FROM directory_group g WHERE g.organization_id = $1 AND g.id = $2`,
);
const findTaken = prepared<
  { key: string; address: string | null },
  [organizationId: string, key: string, address: string | null, exceptId: string]
>(
  'find_taken_directory_group',
  `SELECT key, address FROM directory_group
    WHERE organization_id = $1 AND (key = $2 OR address = $3) AND id <> $4`,
);
const insertGroup = prepared<
  { id: string },
  [organizationId: string, id: string, name: string, key: string, address: string | null, now: Date]
>(
  'insert_directory_group',
  'INSERT INTO directory_group VALUES ($1, $2, 1, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING id',
);
const updateGroup = prepared<
  { id: string },
  [
    organizationId: string,
    id: string,
    version: number | null,
    name: string,
    key: string,
    address: string | null,
    now: Date,
  ]
>(
  'update_directory_group',
  `UPDATE directory_group SET version = version + 1, name = $4, key = $5, address = $6, updated_at = $7
    WHERE organization_id = $1 AND id = $2 AND ($3::integer IS NULL OR version = $3) RETURNING id`,
);
const touchGroup = prepared<{ id: string }, [organizationId: string, id: string, now: Date]>(
  'touch_directory_group',
  `UPDATE directory_group SET version = version + 1, updated_at = $3 WHERE organization_id = $1 AND id = $2 RETURNING id`,
);
const removeGroup = prepared<{ id: string }, [organizationId: string, id: string, version: number | null]>(
  'remove_directory_group',
  `DELETE FROM directory_group
    WHERE organization_id = $1 AND id = $2 AND ($3::integer IS NULL OR version = $3) RETURNING id`,
);
const listMembers = prepared<{ member: string }, [organizationId: string, id: string, after: string, limit: number]>(
  'list_directory_members',
  `SELECT member FROM directory_member
    WHERE organization_id = $1 AND group_id = $2 AND member > $3 ORDER BY member LIMIT $4`,
);
const dropMembers = prepared<never, [organizationId: string, id: string, members: readonly string[] | null]>(
  'drop_directory_members',
  `DELETE FROM directory_member
    WHERE organization_id = $1 AND group_id = $2 AND ($3::text[] IS NULL OR member = ANY ($3))`,
);
const addMembers = prepared<never, [organizationId: string, id: string, members: readonly string[]]>(
  'add_directory_members',
  `INSERT INTO directory_member (organization_id, member, group_id)
   SELECT $1, m.member, $2 FROM unnest($3::text[]) m (member) ON CONFLICT DO NOTHING`,
);

type Changed = { readonly kind: 'written'; readonly group: DirectoryGroup } | { readonly kind: 'missing' | 'tooMany' };

/** The groups of organizations. Errors: those of the database. */
export class StoredGroups implements DirectoryGroupStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async list(organizationId: string, filter: Filter, { limit, cursor }: PageQuery): Promise<Page<DirectoryGroup>> {
    const { address = null, name, member } = filter;
    const before = cursor === null ? null : idOfCursor(cursor);
    const key = name === undefined ? null : groupKey(name);
    const statement =
      member === undefined
        ? listGroups(organizationId, before, limit + 1, address, key)
        : listGroupsOf(organizationId, before, limit + 1, member);
    const rows = await this.pool.one(organizationId, statement);
    return pageOf(rows, { limit, cursor }, groupOf, ({ id }) => idCursor(id));
  }

  async find(organizationId: string, id: string): Promise<DirectoryGroup | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.pool.one(organizationId, findGroup(organizationId, id));
    return row === undefined ? undefined : groupOf(row);
  }

  async create(
    organizationId: string,
    { name, address, members }: DirectoryGroupInput & { readonly members: readonly string[] },
  ): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup } | Taken> {
    const now = this.drawing.clock.now();
    const id = newId(now.getTime(), this.drawing.random);
    const [key, unique] = [groupKey(name), [...new Set(members)]];
    return await this.pool.transaction(organizationId, async (send) => {
      const [made] = await send(insertGroup(organizationId, id, name, key, address, now));
      if (made === undefined) return await takenBy(send, organizationId, key, address, id);
      if (unique.length > 0) await send(addMembers(organizationId, id, unique));
      return await written(send, organizationId, id);
    });
  }

  async replace(
    organizationId: string,
    id: string,
    version: number | null,
    { name, address, members }: DirectoryGroupInput & { readonly members?: readonly string[] },
  ): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup } | WriteMiss | Taken> {
    if (!isId(id)) return { kind: 'missing' };
    const key = groupKey(name);
    const outcome = await this.pool.transaction(organizationId, async (send) => {
      const taken = await takenBy(send, organizationId, key, address, id);
      if (taken.values.length > 0) return taken;
      const now = this.drawing.clock.now();
      const [row] = await send(updateGroup(organizationId, id, version, name, key, address, now));
      if (row === undefined) return undefined;
      if (members !== undefined) {
        await send(dropMembers(organizationId, id, null));
        await send(addMembers(organizationId, id, [...new Set(members)]));
      }
      return await written(send, organizationId, id);
    });
    return outcome ?? missOf(await this.find(organizationId, id));
  }

  async remove(
    organizationId: string,
    id: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | WriteMiss> {
    if (!isId(id)) return { kind: 'missing' };
    const [row] = await this.pool.one(organizationId, removeGroup(organizationId, id, version));
    return row !== undefined ? { kind: 'written' } : missOf(await this.find(organizationId, id));
  }

  async members(organizationId: string, id: string, page: PageQuery): Promise<Page<string> | undefined> {
    if ((await this.find(organizationId, id)) === undefined) return undefined;
    const after = page.cursor === null ? '' : textOfCursor(page.cursor);
    const rows = await this.pool.one(organizationId, listMembers(organizationId, id, after, page.limit + 1));
    return pageOf(
      rows,
      page,
      ({ member }) => member,
      ({ member }) => textCursor(member),
    );
  }

  async changeMembers(
    organizationId: string,
    id: string,
    { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<Changed> {
    if (!isId(id)) return { kind: 'missing' };
    return await orRollBack<Changed>(this.pool, organizationId, async (send, rollBack) => {
      const [row] = await send(touchGroup(organizationId, id, this.drawing.clock.now()));
      if (row === undefined) return { kind: 'missing' };
      if (remove.length > 0) await send(dropMembers(organizationId, id, remove));
      if (add.length > 0) await send(addMembers(organizationId, id, [...new Set(add)]));
      const outcome = await written(send, organizationId, id);
      return outcome.group.memberCount > GROUP_MEMBERS_MAX ? rollBack({ kind: 'tooMany' }) : outcome;
    });
  }

  async import(organizationId: string, lines: readonly GroupLine[], options: ImportOptions): Promise<ImportOutcome> {
    return await importGroups(this.pool, this.drawing, organizationId, lines, options);
  }
}

async function written(
  send: Send,
  organizationId: string,
  id: string,
): Promise<{ readonly kind: 'written'; readonly group: DirectoryGroup }> {
  const [row] = await send(findGroup(organizationId, id));
  return { kind: 'written', group: groupOf(row as GroupRow) };
}

/** What of a group's names another one has. */
async function takenBy(
  send: Send,
  organizationId: string,
  key: string,
  address: string | null,
  exceptId: string,
): Promise<Taken> {
  const rows = await send(findTaken(organizationId, key, address, exceptId));
  const values = new Set<string>();
  for (const row of rows) {
    if (row.key === key) values.add(key);
    if (address !== null && row.address === address) values.add(address);
  }
  return { kind: 'taken', values: [...values] };
}

function groupOf(row: GroupRow): DirectoryGroup {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    address: row.address,
    memberCount: row.member_count,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
