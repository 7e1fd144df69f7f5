import { isId, newId, Secret } from '#lib/core';
import type { DatabasePool } from '../database-pool.js';
import { idCursor, idOfCursor, pageOf } from '../pages.js';
import { built, prepared } from '../statement.js';
import type { ApiKey, ApiKeyStore, Page, PageQuery, Scope } from '../stores.js';
import { sqlOf } from '../tables.js';
import { tokenHash, type Drawing } from './drawing.js';

const TOKEN_BYTES = 32;
const TOKEN_PREFIX = 'sealflow_';

interface KeyRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

const COLUMNS = ['id', 'organization_id', 'name', 'scopes', 'created_at', 'expires_at'] as const;

const findKey = prepared<KeyRow, [hash: Buffer]>('find_api_key', 'SELECT * FROM find_api_key($1)');

/** Keys that can still be used as administrator, locked: of two that are revoked at the same time one stays. */
const lockAdmins = prepared<{ id: string }, [organizationId: string]>(
  'lock_admin_keys',
  `SELECT id FROM api_key
    WHERE organization_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      AND 'admin' = ANY (scopes)
    ORDER BY id FOR UPDATE`,
);
const revokeKey = prepared<{ id: string }, [organizationId: string, id: string]>(
  'revoke_api_key',
  `UPDATE api_key SET revoked_at = now() WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id`,
);

export class PostgresApiKeys implements ApiKeyStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async authenticate(token: Secret): Promise<ApiKey | undefined> {
    const [row] = await this.pool.look(findKey(tokenHash(token)));
    return row === undefined ? undefined : keyOf(row);
  }

  async create(
    organizationId: string,
    input: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: Date | null },
  ): Promise<{ readonly key: ApiKey; readonly token: Secret }> {
    const { clock, random } = this.drawing;
    const token = new Secret(`${TOKEN_PREFIX}${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`);
    const query = sqlOf
      .insertInto('api_key')
      .values({
        organization_id: organizationId,
        id: newId(clock.now().getTime(), random),
        name: input.name,
        hash: tokenHash(token),
        scopes: [...new Set(input.scopes)],
        expires_at: input.expiresAt,
      })
      .returning(COLUMNS);
    const [row] = await this.pool.one(organizationId, built(query, 'create_api_key'));
    return { key: keyOf(row as KeyRow), token };
  }

  async list(organizationId: string, page: PageQuery): Promise<Page<ApiKey>> {
    let query = sqlOf
      .selectFrom('api_key')
      .select(COLUMNS)
      .where('organization_id', '=', organizationId)
      .where('revoked_at', 'is', null);
    if (page.cursor !== null) query = query.where('id', '<', idOfCursor(page.cursor));
    const rows = await this.pool.one(organizationId, built(query.orderBy('id', 'desc').limit(page.limit + 1)));
    return pageOf(rows, page, keyOf, ({ id }) => idCursor(id));
  }

  async revoke(organizationId: string, id: string): Promise<'revoked' | 'missing' | 'last'> {
    if (!isId(id)) return 'missing';
    return await this.pool.transaction(organizationId, async (send) => {
      const admins = await send(lockAdmins(organizationId));
      if (admins.length === 1 && admins[0]?.id === id) return 'last';
      const [revoked] = await send(revokeKey(organizationId, id));
      return revoked === undefined ? 'missing' : 'revoked';
    });
  }
}

function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    scopes: row.scopes as readonly Scope[],
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}
