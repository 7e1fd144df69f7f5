import type { DatabasePool } from '../postgres/database-pool.js';
import { missOf } from '../postgres/miss-of.js';
import { prepared } from '../postgres/statement.js';
import type { WriteMiss } from '../postgres/stores.js';
import type { Drawing } from '../postgres/stores/drawing.js';

/** How a directory server is asked. Everything but the password. */
export interface LdapSettings {
  readonly type: 'ldap';
  /** `ldaps://host:port` or `ldap://host:port`. */
  readonly url: string;
  /** `ldap://` alone: whether TLS is begun before anything is said. */
  readonly startTls: boolean;
  /** PEM of the authorities that the server's certificate may come from; `null`: those of the system. */
  readonly ca: string | null;
  /** `null`: nobody, the server is asked anonymously. */
  readonly bindDn: string | null;
  readonly baseDn: string;
  /** Who is a person, and what is a group (RFC 4515); whose address it is we say ourselves. */
  readonly userFilter: string;
  readonly groupFilter: string;
  readonly addressAttribute: string;
  /** Further addresses, as they are or behind `smtp:`. */
  readonly aliasAttribute: string;
  readonly displayNameAttribute: string;
  /** The DN of the manager. */
  readonly managerAttribute: string;
  readonly groupNameAttribute: string;
  /** DNs of what is in a group. */
  readonly memberAttribute: string;
  /** Attributes that rules may ask for. */
  readonly attributes: readonly string[];
  /** For all that one message asks. */
  readonly timeoutMs: number;
}

export interface DirectoryServer {
  readonly version: number;
  readonly settings: LdapSettings;
  readonly hasPassword: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DirectoryServerStore {
  find(organizationId: string): Promise<DirectoryServer | undefined>;
  /** With what opens the way to it, for those who ask it. */
  load(
    organizationId: string,
  ): Promise<
    | { readonly version: number; readonly settings: LdapSettings; readonly sealedPassword: Uint8Array | null }
    | undefined
  >;
  /** `version` `undefined`: there must be none yet. `sealedPassword` `undefined`: it stays. */
  write(
    organizationId: string,
    version: number | null | undefined,
    input: { readonly settings: LdapSettings; readonly sealedPassword: Uint8Array | null | undefined },
  ): Promise<{ readonly kind: 'written'; readonly server: DirectoryServer } | WriteMiss>;
  remove(organizationId: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss>;
}

interface ServerRow {
  readonly version: number;
  readonly settings: LdapSettings;
  readonly sealed_password: Buffer | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const findServer = prepared<ServerRow, [organizationId: string]>(
  'find_directory_server',
  'SELECT version, settings, sealed_password, created_at, updated_at FROM directory_server WHERE organization_id = $1',
);
const insertServer = prepared<
  ServerRow,
  [organizationId: string, settings: string, sealedPassword: Uint8Array | null, now: Date]
>(
  'insert_directory_server',
  `INSERT INTO directory_server VALUES ($1, 1, $2, $3, $4, $4) ON CONFLICT DO NOTHING
   RETURNING version, settings, sealed_password, created_at, updated_at`,
);
const updateServer = prepared<
  ServerRow,
  [
    organizationId: string,
    version: number | null,
    settings: string,
    keepsPassword: boolean,
    sealedPassword: Uint8Array | null,
    now: Date,
  ]
>(
  'update_directory_server',
  `UPDATE directory_server
      SET version = version + 1, settings = $3, updated_at = $6,
          sealed_password = CASE WHEN $4::boolean THEN sealed_password ELSE $5::bytea END
    WHERE organization_id = $1 AND ($2::integer IS NULL OR version = $2)
   RETURNING version, settings, sealed_password, created_at, updated_at`,
);
const removeServer = prepared<{ version: number }, [organizationId: string, version: number | null]>(
  'remove_directory_server',
  `DELETE FROM directory_server
    WHERE organization_id = $1 AND ($2::integer IS NULL OR version = $2) RETURNING version`,
);

/** The directory server of each organization that has one. Errors: those of the database. */
export class StoredDirectoryServer implements DirectoryServerStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Pick<Drawing, 'clock'>,
  ) {}

  async find(organizationId: string): Promise<DirectoryServer | undefined> {
    const [row] = await this.pool.one(organizationId, findServer(organizationId));
    return row === undefined ? undefined : serverOf(row);
  }

  async load(
    organizationId: string,
  ): Promise<
    | { readonly version: number; readonly settings: LdapSettings; readonly sealedPassword: Uint8Array | null }
    | undefined
  > {
    const [row] = await this.pool.one(organizationId, findServer(organizationId));
    if (row === undefined) return undefined;
    return { version: row.version, settings: row.settings, sealedPassword: row.sealed_password };
  }

  async write(
    organizationId: string,
    version: number | null | undefined,
    {
      settings,
      sealedPassword,
    }: { readonly settings: LdapSettings; readonly sealedPassword: Uint8Array | null | undefined },
  ): Promise<{ readonly kind: 'written'; readonly server: DirectoryServer } | WriteMiss> {
    const now = this.drawing.clock.now();
    const json = JSON.stringify(settings);
    const sealed = sealedPassword ?? null;
    const [row] = await this.pool.one(
      organizationId,
      version === undefined
        ? insertServer(organizationId, json, sealed, now)
        : updateServer(organizationId, version, json, sealedPassword === undefined, sealed, now),
    );
    if (row !== undefined) return { kind: 'written', server: serverOf(row) };
    return version === undefined ? { kind: 'stale' } : missOf(await this.find(organizationId));
  }

  async remove(organizationId: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss> {
    const [row] = await this.pool.one(organizationId, removeServer(organizationId, version));
    return row !== undefined ? { kind: 'written' } : missOf(await this.find(organizationId));
  }
}

function serverOf(row: ServerRow): DirectoryServer {
  return {
    version: row.version,
    settings: row.settings,
    hasPassword: row.sealed_password !== null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
