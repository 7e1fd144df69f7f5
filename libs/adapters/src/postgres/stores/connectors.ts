import { isId, newId } from '#lib/core';
import type { Selectable } from 'kysely';
import type { DatabasePool } from '../database-pool.js';
import { missOf } from '../miss-of.js';
import { idCursor, idOfCursor, pageOf } from '../pages.js';
import { built, prepared } from '../statement.js';
import type { Connector, ConnectorStore, Page, PageQuery, WriteMiss } from '../stores.js';
import { sqlOf, type Tables } from '../tables.js';
import type { Drawing } from './drawing.js';

type ConnectorRow = Omit<Selectable<Tables['connector']>, 'sealed_secret' | 'organization_id'>;

const COLUMNS = [
  'id',
  'version',
  'name',
  'direction',
  'provider',
  'trusted',
  'enabled',
  'created_at',
  'updated_at',
] as const;

const findForIngest = prepared<Selectable<Tables['connector']>, [provider: string, id: string]>(
  'find_connector',
  'SELECT * FROM find_connector($1, $2)',
);

export class PostgresConnectors implements ConnectorStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async list(organizationId: string, page: PageQuery): Promise<Page<Connector>> {
    let query = sqlOf.selectFrom('connector').select(COLUMNS).where('organization_id', '=', organizationId);
    if (page.cursor !== null) query = query.where('id', '<', idOfCursor(page.cursor));
    const rows = await this.pool.one(organizationId, built(query.orderBy('id', 'desc').limit(page.limit + 1)));
    return pageOf(rows, page, connectorOf, ({ id }) => idCursor(id));
  }

  async find(organizationId: string, id: string): Promise<Connector | undefined> {
    if (!isId(id)) return undefined;
    const query = sqlOf
      .selectFrom('connector')
      .select(COLUMNS)
      .where('organization_id', '=', organizationId)
      .where('id', '=', id);
    const [row] = await this.pool.one(organizationId, built(query, 'find_own_connector'));
    return row === undefined ? undefined : connectorOf(row);
  }

  async create(
    organizationId: string,
    input: Pick<Connector, 'name' | 'provider' | 'trusted' | 'enabled'> & { readonly sealedSecret: Uint8Array },
  ): Promise<Connector> {
    const { sealedSecret, name, provider, trusted, enabled } = input;
    const query = sqlOf
      .insertInto('connector')
      .values({
        ...{ name, provider, trusted, enabled, version: 1, direction: 'in', organization_id: organizationId },
        id: newId(this.drawing.clock.now().getTime(), this.drawing.random),
        sealed_secret: Buffer.from(sealedSecret),
      })
      .returning(COLUMNS);
    const [row] = await this.pool.one(organizationId, built(query, 'create_connector'));
    return connectorOf(row as ConnectorRow);
  }

  async replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: Pick<Connector, 'name' | 'trusted' | 'enabled'> & { readonly sealedSecret?: Uint8Array },
  ): Promise<{ readonly kind: 'written'; readonly connector: Connector } | WriteMiss> {
    if (!isId(id)) return { kind: 'missing' };
    const { sealedSecret, name, trusted, enabled } = input;
    let query = sqlOf
      .updateTable('connector')
      .set((column) => ({
        ...{ name, trusted, enabled },
        ...(sealedSecret === undefined ? {} : { sealed_secret: Buffer.from(sealedSecret) }),
        version: column('version', '+', 1),
        updated_at: this.drawing.clock.now(),
      }))
      .where('organization_id', '=', organizationId)
      .where('id', '=', id);
    if (version !== null) query = query.where('version', '=', version);
    const [row] = await this.pool.one(organizationId, built(query.returning(COLUMNS)));
    if (row !== undefined) return { kind: 'written', connector: connectorOf(row) };
    return missOf(await this.find(organizationId, id));
  }

  async remove(
    organizationId: string,
    id: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | WriteMiss> {
    if (!isId(id)) return { kind: 'missing' };
    let query = sqlOf.deleteFrom('connector').where('organization_id', '=', organizationId).where('id', '=', id);
    if (version !== null) query = query.where('version', '=', version);
    const [row] = await this.pool.one(organizationId, built(query.returning('id')));
    return row !== undefined ? { kind: 'written' } : missOf(await this.find(organizationId, id));
  }

  async findForIngest(
    provider: string,
    id: string,
  ): Promise<
    { readonly organizationId: string; readonly connector: Connector; readonly sealedSecret: Uint8Array } | undefined
  > {
    if (!isId(id)) return undefined;
    const [row] = await this.pool.look(findForIngest(provider, id));
    if (row === undefined) return undefined;
    return { organizationId: row.organization_id, connector: connectorOf(row), sealedSecret: row.sealed_secret };
  }
}

function connectorOf(row: ConnectorRow): Connector {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    direction: row.direction,
    provider: row.provider,
    trusted: row.trusted,
    enabled: row.enabled,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
