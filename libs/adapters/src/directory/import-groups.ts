import { newId } from '#lib/core';
import type { DatabasePool, Send } from '../postgres/database-pool.js';
import { prepared } from '../postgres/statement.js';
import type { Drawing } from '../postgres/stores/drawing.js';
import {
  GROUP_MEMBERS_MAX,
  groupKey,
  type GroupLine,
  type ImportOptions,
  type ImportOutcome,
  type ImportProblem,
} from './directory-stores.js';
import { inBatches, inOneImport } from './import-directory.js';

/** A group as its lines have it; `address` absent: as it is. */
interface Named {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly address: string | null;
  readonly line: number;
  readonly state: 'created' | 'updated' | 'unchanged';
}

interface KnownRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly address: string | null;
}

const findKnown = prepared<KnownRow, [organizationId: string, keys: readonly string[]]>(
  'import_find_groups',
  'SELECT id, key, name, address FROM directory_group WHERE organization_id = $1 AND key = ANY ($2::text[])',
);
/** Addresses first go away: one group may take over what another one had. */
const clearAddresses = prepared<never, [organizationId: string, ids: readonly string[]]>(
  'import_clear_group_addresses',
  'UPDATE directory_group SET address = NULL WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
);
const findOwners = prepared<{ address: string }, [organizationId: string, addresses: readonly string[]]>(
  'import_find_group_owners',
  'SELECT address FROM directory_group WHERE organization_id = $1 AND address = ANY ($2::text[])',
);
const writeGroups = prepared<never, [organizationId: string, groups: string, now: Date]>(
  'import_write_groups',
  `INSERT INTO directory_group AS g
   SELECT $1, i.id, 1, i.name, i.key, i.address, $3, $3
     FROM json_to_recordset($2::json) i (id uuid, name text, key text, address text)
   ON CONFLICT (organization_id, id) DO UPDATE
      SET name = excluded.name, address = excluded.address, updated_at = excluded.updated_at`,
);
const addMembers = prepared<
  { group_id: string },
  [organizationId: string, members: readonly string[], ids: readonly string[]]
>(
  'import_add_members',
  `INSERT INTO directory_member (organization_id, member, group_id)
   SELECT $1, m.member, m.id FROM unnest($2::text[], $3::uuid[]) m (member, id)
   ON CONFLICT DO NOTHING RETURNING group_id`,
);
const removeMembers = prepared<
  { group_id: string },
  [organizationId: string, groups: readonly string[], members: readonly string[], ids: readonly string[]]
>(
  'import_remove_members',
  `DELETE FROM directory_member d
    WHERE d.organization_id = $1 AND d.group_id = ANY ($2::uuid[])
      AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::uuid[]) k (member, id)
                       WHERE k.member = d.member AND k.id = d.group_id)
   RETURNING d.group_id`,
);
const removeGroups = prepared<{ id: string }, [organizationId: string, keys: readonly string[]]>(
  'import_remove_groups',
  `DELETE FROM directory_group g
    WHERE g.organization_id = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[]) k (key) WHERE k.key = g.key)
   RETURNING g.id`,
);
const raiseVersions = prepared<never, [organizationId: string, ids: readonly string[], now: Date]>(
  'import_raise_group_versions',
  `UPDATE directory_group SET version = version + 1, updated_at = $3
    WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
);
const findTooLarge = prepared<{ group_id: string }, [organizationId: string, ids: readonly string[], countMax: number]>(
  'import_find_large_groups',
  `SELECT group_id FROM directory_member WHERE organization_id = $1 AND group_id = ANY ($2::uuid[])
    GROUP BY group_id HAVING count(*) > $3`,
);

/** Groups and memberships of a file, all of them or none. */
export async function importGroups(
  pool: DatabasePool,
  { clock, random }: Drawing,
  organizationId: string,
  lines: readonly GroupLine[],
  options: ImportOptions,
): Promise<ImportOutcome> {
  const now = clock.now();
  const newGroupId = (): string => newId(now.getTime(), random);
  return await inOneImport(pool, organizationId, options, async (send) => {
    const groups = await readGroups(send, organizationId, lines, newGroupId);
    const all = [...groups.values()];
    const removed = options.removesOthers ? (await send(removeGroups(organizationId, [...groups.keys()]))).length : 0;
    const problems = await writeAll(send, organizationId, all, now);
    if (problems.length > 0) return { kind: 'refused', problems };
    const touched = await writeMembers(send, organizationId, lines, groups, options.removesOthers);
    const tooLarge = await largeOnes(send, organizationId, all);
    if (tooLarge.length > 0) return { kind: 'refused', problems: tooLarge };
    const updated = all.filter(({ id, state }) => state === 'updated' || (state === 'unchanged' && touched.has(id)));
    for (const batch of inBatches(updated)) {
      await send(
        raiseVersions(
          organizationId,
          batch.map(({ id }) => id),
          now,
        ),
      );
    }
    const created = all.filter(({ state }) => state === 'created').length;
    const unchanged = all.length - created - updated.length;
    return { kind: 'written', created, updated: updated.length, unchanged, removed };
  });
}

/** The groups that the lines name, by key; of several lines the first that has an address says it. */
async function readGroups(
  send: Send,
  organizationId: string,
  lines: readonly GroupLine[],
  newGroupId: () => string,
): Promise<Map<string, Named>> {
  const given = new Map<string, { name: string; line: number; address: string | null | undefined }>();
  for (const { name, line, address } of lines) {
    const one = given.get(groupKey(name)) ?? { name, line, address: undefined };
    one.address ??= address;
    given.set(groupKey(name), one);
  }
  const groups = new Map<string, Named>();
  for (const batch of inBatches([...given])) {
    const rows = await send(
      findKnown(
        organizationId,
        batch.map(([key]) => key),
      ),
    );
    const known = new Map(rows.map((row) => [row.key, row]));
    for (const [key, { name, line, address: said }] of batch) {
      const row = known.get(key);
      const address = said === undefined ? (row?.address ?? null) : said;
      const isSame = row !== undefined && row.name === name && row.address === address;
      const state = row === undefined ? 'created' : isSame ? 'unchanged' : 'updated';
      groups.set(key, { id: row?.id ?? newGroupId(), key, name, address, line, state });
    }
  }
  return groups;
}

async function writeAll(
  send: Send,
  organizationId: string,
  all: readonly Named[],
  now: Date,
): Promise<readonly ImportProblem[]> {
  const changed = all.filter(({ state }) => state !== 'unchanged');
  for (const batch of inBatches(changed)) {
    await send(
      clearAddresses(
        organizationId,
        batch.map(({ id }) => id),
      ),
    );
  }
  const owners = new Set<string>();
  for (const batch of inBatches(changed)) {
    const addresses = batch.flatMap(({ address }) => address ?? []);
    for (const { address } of await send(findOwners(organizationId, addresses))) owners.add(address);
  }
  const problems: ImportProblem[] = [];
  for (const { address, line } of changed) {
    if (address === null) continue;
    if (owners.has(address)) problems.push({ line, code: 'taken', value: address });
    owners.add(address);
  }
  if (problems.length > 0) return problems;
  for (const batch of inBatches(changed)) await send(writeGroups(organizationId, JSON.stringify(batch), now));
  return [];
}

/** Ids of the groups whose members changed. */
async function writeMembers(
  send: Send,
  organizationId: string,
  lines: readonly GroupLine[],
  groups: ReadonlyMap<string, Named>,
  removesOthers: boolean,
): Promise<ReadonlySet<string>> {
  const touched = new Set<string>();
  const memberships = lines.flatMap(({ name, member }) => {
    const group = groups.get(groupKey(name));
    return member === undefined || group === undefined ? [] : [{ member, id: group.id }];
  });
  if (removesOthers) {
    const ids = [...groups.values()].map(({ id }) => id);
    const kept = [memberships.map(({ member }) => member), memberships.map(({ id }) => id)] as const;
    for (const row of await send(removeMembers(organizationId, ids, ...kept))) touched.add(row.group_id);
  }
  for (const batch of inBatches(memberships)) {
    const rows = await send(
      addMembers(
        organizationId,
        batch.map(({ member }) => member),
        batch.map(({ id }) => id),
      ),
    );
    for (const row of rows) touched.add(row.group_id);
  }
  return touched;
}

async function largeOnes(send: Send, organizationId: string, all: readonly Named[]): Promise<ImportProblem[]> {
  const problems: ImportProblem[] = [];
  for (const batch of inBatches(all)) {
    const ids = batch.map(({ id }) => id);
    const rows = await send(findTooLarge(organizationId, ids, GROUP_MEMBERS_MAX));
    const large = new Set(rows.map((row) => row.group_id));
    for (const { id, line, name } of batch) {
      if (large.has(id)) problems.push({ line, code: 'tooMany', value: name });
    }
  }
  return problems;
}
