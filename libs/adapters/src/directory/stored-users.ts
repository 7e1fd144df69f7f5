import { isId, newId } from '#lib/core';
import type { DatabasePool, Send } from '../postgres/database-pool.js';
import { missOf } from '../postgres/miss-of.js';
import { orRollBack } from '../postgres/or-roll-back.js';
import { pageOf, textCursor, textOfCursor } from '../postgres/pages.js';
import { prepared } from '../postgres/statement.js';
import type { Page, PageQuery, WriteMiss } from '../postgres/stores.js';
import type { Drawing } from '../postgres/stores/drawing.js';
import type {
  DirectoryUser,
  DirectoryUserInput,
  DirectoryUserStore,
  ImportOptions,
  ImportOutcome,
  Taken,
  UserLine,
} from './directory-stores.js';
import { importUsers } from './import-users.js';
import { userInputOf, type UserInputRow } from './user-row.js';

interface UserRow extends UserInputRow {
  readonly id: string;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS =
  'u.id, u.version, u.address, u.aliases, u.display_name, u.manager, u.attributes, u.can_encrypt, u.created_at, u.updated_at';

const listUsers = prepared<UserRow, [organizationId: string, after: string, limit: number]>(
  'list_directory_users',
  `SELECT ${COLUMNS} FROM directory_user u
    WHERE u.organization_id = $1 AND u.address > $2 ORDER BY u.address LIMIT $3`,
);
const findByAddress = prepared<UserRow, [organizationId: string, address: string]>(
  'find_directory_user_by_address',
  `SELECT ${COLUMNS} FROM directory_address a
     JOIN directory_user u ON u.organization_id = $1 AND u.id = a.user_id
    WHERE a.organization_id = $1 AND a.address = $2`,
);
const findUser = prepared<UserRow, [organizationId: string, id: string]>(
  'find_directory_user',
  `SELECT ${COLUMNS} FROM directory_user u WHERE u.organization_id = $1 AND u.id = $2`,
);
/** `$3`: `DirectoryUserInput` as JSON. */
const insertUser = prepared<UserRow, [organizationId: string, id: string, input: string, now: Date]>(
  'insert_directory_user',
  `INSERT INTO directory_user AS u
   SELECT $1, $2, 1, i.address, i.aliases, i."displayName", i.manager, i.attributes, i."canEncrypt", $4, $4
     FROM json_to_record($3::json) i (address text, aliases text[], "displayName" text, manager text, attributes json,
                                      "canEncrypt" boolean)
   RETURNING ${COLUMNS}`,
);
const updateUser = prepared<
  UserRow,
  [organizationId: string, id: string, input: string, now: Date, version: number | null]
>(
  'update_directory_user',
  `UPDATE directory_user u
      SET version = u.version + 1, address = i.address, aliases = i.aliases, display_name = i."displayName",
          manager = i.manager, attributes = i.attributes, can_encrypt = i."canEncrypt", updated_at = $4
     FROM json_to_record($3::json) i (address text, aliases text[], "displayName" text, manager text, attributes json,
                                      "canEncrypt" boolean)
    WHERE u.organization_id = $1 AND u.id = $2 AND ($5::integer IS NULL OR u.version = $5)
   RETURNING ${COLUMNS}`,
);
const dropAddresses = prepared<never, [organizationId: string, id: string]>(
  'drop_directory_addresses',
  'DELETE FROM directory_address WHERE organization_id = $1 AND user_id = $2',
);
const takeAddresses = prepared<{ address: string }, [organizationId: string, id: string, addresses: readonly string[]]>(
  'take_directory_addresses',
  `INSERT INTO directory_address (organization_id, address, user_id)
   SELECT $1, a.address, $2 FROM unnest($3::text[]) a (address) ON CONFLICT DO NOTHING RETURNING address`,
);
const removeUser = prepared<{ id: string }, [organizationId: string, id: string, version: number | null]>(
  'remove_directory_user',
  `DELETE FROM directory_user
    WHERE organization_id = $1 AND id = $2 AND ($3::integer IS NULL OR version = $3) RETURNING id`,
);

interface Written {
  readonly kind: 'written';
  readonly user: DirectoryUser;
}

/** The people of organizations. Errors: those of the database. */
export class StoredUsers implements DirectoryUserStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async list(
    organizationId: string,
    { address }: { readonly address?: string },
    page: PageQuery,
  ): Promise<Page<DirectoryUser>> {
    const after = page.cursor === null ? '' : textOfCursor(page.cursor);
    const statement =
      address === undefined ? listUsers(organizationId, after, page.limit + 1) : findByAddress(organizationId, address);
    return pageOf(await this.pool.one(organizationId, statement), page, userOf, (row) => textCursor(row.address));
  }

  async find(organizationId: string, id: string): Promise<DirectoryUser | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.pool.one(organizationId, findUser(organizationId, id));
    return row === undefined ? undefined : userOf(row);
  }

  async create(organizationId: string, input: DirectoryUserInput): Promise<Written | Taken> {
    const now = this.drawing.clock.now();
    const id = newId(now.getTime(), this.drawing.random);
    return await orRollBack<Written | Taken>(this.pool, organizationId, async (send, rollBack) => {
      const [row] = await send(insertUser(organizationId, id, JSON.stringify(input), now));
      const values = await take(send, organizationId, id, input);
      if (values.length > 0) rollBack({ kind: 'taken', values });
      return { kind: 'written', user: userOf(row as UserRow) };
    });
  }

  async replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: DirectoryUserInput,
  ): Promise<Written | WriteMiss | Taken> {
    if (!isId(id)) return { kind: 'missing' };
    const work = async (send: Send, rollBack: (taken: Taken) => never): Promise<Written | undefined> => {
      const now = this.drawing.clock.now();
      const [row] = await send(updateUser(organizationId, id, JSON.stringify(input), now, version));
      if (row === undefined) return undefined;
      await send(dropAddresses(organizationId, id));
      const values = await take(send, organizationId, id, input);
      if (values.length > 0) rollBack({ kind: 'taken', values });
      return { kind: 'written', user: userOf(row) };
    };
    const outcome = await orRollBack<Written | Taken | undefined>(this.pool, organizationId, work);
    return outcome ?? missOf(await this.find(organizationId, id));
  }

  async remove(
    organizationId: string,
    id: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | WriteMiss> {
    if (!isId(id)) return { kind: 'missing' };
    const [row] = await this.pool.one(organizationId, removeUser(organizationId, id, version));
    return row !== undefined ? { kind: 'written' } : missOf(await this.find(organizationId, id));
  }

  async import(organizationId: string, lines: readonly UserLine[], options: ImportOptions): Promise<ImportOutcome> {
    return await importUsers(this.pool, this.drawing, organizationId, lines, options);
  }
}

/** The addresses that somebody else has. */
async function take(
  send: Send,
  organizationId: string,
  id: string,
  input: DirectoryUserInput,
): Promise<readonly string[]> {
  const addresses = [...new Set([input.address, ...input.aliases])];
  const rows = await send(takeAddresses(organizationId, id, addresses));
  const got = new Set(rows.map(({ address }) => address));
  return addresses.filter((address) => !got.has(address));
}

function userOf(row: UserRow): DirectoryUser {
  return {
    id: row.id,
    version: row.version,
    ...userInputOf(row),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
