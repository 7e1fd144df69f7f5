import { newId } from '#lib/core';
import type { DatabasePool, Send } from '../postgres/database-pool.js';
import { prepared } from '../postgres/statement.js';
import type { Drawing } from '../postgres/stores/drawing.js';
import type { DirectoryUserInput, ImportOptions, ImportOutcome, ImportProblem, UserLine } from './directory-stores.js';
import { inOneImport, inBatches } from './import-directory.js';
import { userInputOf, type UserInputRow } from './user-row.js';

interface KnownRow extends UserInputRow {
  readonly id: string;
}

/** A person as the file leaves it. */
interface Written extends DirectoryUserInput {
  readonly id: string;
  readonly line: number;
  readonly isNew: boolean;
}

const findKnown = prepared<KnownRow, [organizationId: string, addresses: readonly string[]]>(
  'import_find_users',
  `SELECT id, address, aliases, display_name, manager, attributes, can_encrypt
     FROM directory_user WHERE organization_id = $1 AND address = ANY ($2::text[])`,
);
const writeUsers = prepared<never, [organizationId: string, users: string, now: Date]>(
  'import_write_users',
  `INSERT INTO directory_user AS u
   SELECT $1, i.id, 1, i.address, i.aliases, i."displayName", i.manager, i.attributes, i."canEncrypt", $3, $3
     FROM json_to_recordset($2::json) i (id uuid, address text, aliases text[], "displayName" text, manager text,
                                         attributes json, "canEncrypt" boolean)
   ON CONFLICT (organization_id, id) DO UPDATE
      SET version = u.version + 1, aliases = excluded.aliases, display_name = excluded.display_name,
          manager = excluded.manager, attributes = excluded.attributes, can_encrypt = excluded.can_encrypt,
          updated_at = excluded.updated_at`,
);
const dropAddresses = prepared<never, [organizationId: string, ids: readonly string[]]>(
  'import_drop_addresses',
  'DELETE FROM directory_address WHERE organization_id = $1 AND user_id = ANY ($2::uuid[])',
);
const takeAddresses = prepared<
  { address: string },
  [organizationId: string, addresses: readonly string[], ids: readonly string[]]
>(
  'import_take_addresses',
  `INSERT INTO directory_address (organization_id, address, user_id)
   SELECT $1, a.address, a.id FROM unnest($2::text[], $3::uuid[]) a (address, id)
   ON CONFLICT DO NOTHING RETURNING address`,
);
const removeOthers = prepared<{ id: string }, [organizationId: string, addresses: readonly string[]]>(
  'import_remove_users',
  `DELETE FROM directory_user u
    WHERE u.organization_id = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[]) k (address) WHERE k.address = u.address)
   RETURNING u.id`,
);

/**
 * People of a file, all of them or none. Addresses that people give up are free for others of the same file, whatever the
 * order of the lines: so all rows come first, then all addresses.
 */
export async function importUsers(
  pool: DatabasePool,
  drawing: Drawing,
  organizationId: string,
  lines: readonly UserLine[],
  options: ImportOptions,
): Promise<ImportOutcome> {
  return await inOneImport(pool, organizationId, options, async (send) => {
    const written: Written[] = [];
    for (const batch of inBatches(lines)) {
      const changed = await merge(send, drawing, organizationId, batch);
      written.push(...changed);
      if (changed.length === 0) continue;
      await send(writeUsers(organizationId, JSON.stringify(changed), drawing.clock.now()));
      const known = changed.filter(({ isNew }) => !isNew).map(({ id }) => id);
      if (known.length > 0) await send(dropAddresses(organizationId, known));
    }
    const addresses = lines.map(({ address }) => address);
    const removed = options.removesOthers ? (await send(removeOthers(organizationId, addresses))).length : 0;
    const problems: ImportProblem[] = [];
    for (const batch of inBatches(written)) problems.push(...(await takeAll(send, organizationId, batch)));
    if (problems.length > 0) return { kind: 'refused', problems };
    const created = written.filter(({ isNew }) => isNew).length;
    return {
      kind: 'written',
      created,
      updated: written.length - created,
      unchanged: lines.length - written.length,
      removed,
    };
  });
}

/** The people whom the lines make or change. */
async function merge(
  send: Send,
  { clock, random }: Drawing,
  organizationId: string,
  lines: readonly UserLine[],
): Promise<Written[]> {
  const rows = await send(
    findKnown(
      organizationId,
      lines.map(({ address }) => address),
    ),
  );
  const known = new Map(rows.map((row) => [row.address, row]));
  return lines.flatMap(({ line, ...given }) => {
    const row = known.get(given.address);
    const before: DirectoryUserInput = row === undefined ? NOBODY : userInputOf(row);
    const after: DirectoryUserInput = {
      ...before,
      ...given,
      attributes: { ...before.attributes, ...given.attributes },
    };
    if (row !== undefined && isSame(before, after)) return [];
    const id = row?.id ?? newId(clock.now().getTime(), random);
    return [{ ...after, id, line, isNew: row === undefined }];
  });
}

async function takeAll(send: Send, organizationId: string, users: readonly Written[]): Promise<ImportProblem[]> {
  const wanted = users.flatMap(({ id, line, address, aliases }) =>
    [...new Set([address, ...aliases])].map((one) => ({ id, line, address: one })),
  );
  const rows = await send(
    takeAddresses(
      organizationId,
      wanted.map(({ address }) => address),
      wanted.map(({ id }) => id),
    ),
  );
  const got = new Map<string, number>();
  for (const { address } of rows) got.set(address, (got.get(address) ?? 0) + 1);
  return wanted.flatMap(({ address, line }) => {
    const left = got.get(address) ?? 0;
    got.set(address, left - 1);
    return left > 0 ? [] : [{ line, code: 'taken', value: address } as const];
  });
}

const NOBODY: DirectoryUserInput = {
  address: '',
  aliases: [],
  displayName: null,
  manager: null,
  attributes: {},
  canEncrypt: true,
};

function isSame(a: DirectoryUserInput, b: DirectoryUserInput): boolean {
  const inOrder = ({ attributes, ...rest }: DirectoryUserInput): string =>
    JSON.stringify([
      rest.address,
      rest.aliases,
      rest.displayName,
      rest.manager,
      rest.canEncrypt,
      Object.entries(attributes).toSorted(([x], [y]) => (x < y ? -1 : 1)),
    ]);
  return inOrder(a) === inOrder(b);
}
