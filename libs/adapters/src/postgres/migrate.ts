import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { Secret } from '#lib/core';
import { AdapterError } from '../errors.js';
import { migrateQueue } from '../queue/migrate-queue.js';
import { asDatabaseError } from './database-error.js';

const MIGRATION_FILE = /^(\d{4})-[a-z0-9-]+\.sql$/;
const GRANTS_FILE = 'application-grants.sql';

export interface MigrateOptions {
  /** Owner of the database, or a role that may create schemas in it; no superuser is needed. */
  readonly ownerUrl: Secret;
  /** The database as the processes use it: its role gets what they need. It must exist. */
  readonly applicationUrl: Secret;
  /** Told as each migration is done. */
  readonly onProgress?: (fileName: string) => void;
}

interface Migration {
  readonly version: number;
  readonly fileName: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * Brings the database up to date: the migrations that it does not have, in order, each in a transaction, then the rights of
 * the application role, then the queue's own schema. May run again and in several processes at once.
 *
 * Errors: `ERR_DATABASE_ROLE` (permanent) if the application role is no one, a superuser, may bypass row-level security,
 * or owns the tables; `ERR_DATABASE_MIGRATION` (permanent) if a migration that was applied is another one now, or is
 * unknown here; those of the database.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const role = decodeURIComponent(new URL(options.applicationUrl.reveal()).username);
  const client = new Client({ connectionString: options.ownerUrl.reveal(), application_name: 'sealflow-migrate' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock(hashtext($1))', ['sealflow.migrate']);
    await checkRole(client, role);
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS sealflow;
      SET search_path = sealflow;
      CREATE TABLE IF NOT EXISTS migration (
        version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
    `);
    await applyMissing(client, options.onProgress);
    await grant(client, role);
    await migrateQueue(options.ownerUrl, role);
  } catch (error) {
    throw asDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function checkRole(client: Client, role: string): Promise<void> {
  const refuse = (reason: string): AdapterError => new AdapterError('ERR_DATABASE_ROLE', { detail: { reason } });
  if (role === '') throw refuse('the application URL names no role');
  const { rows } = await client.query<{ rolsuper: boolean; rolbypassrls: boolean; is_owner: boolean }>(
    `SELECT rolsuper, rolbypassrls, pg_has_role(rolname, current_user, 'MEMBER') AS is_owner FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  const [found] = rows;
  if (found === undefined) throw refuse('the application role does not exist');
  if (found.rolsuper) throw refuse('the application role is a superuser');
  if (found.rolbypassrls) throw refuse('the application role may bypass row-level security');
  if (found.is_owner) throw refuse('the application role is the owner role, or a member of it');
}

async function applyMissing(client: Client, onProgress: MigrateOptions['onProgress']): Promise<void> {
  const { rows } = await client.query<{ version: number; sha256: string }>('SELECT version, sha256 FROM migration');
  const applied = new Map(rows.map(({ version, sha256 }) => [version, sha256]));
  for (const { version, fileName, sql, sha256 } of readMigrations()) {
    const before = applied.get(version);
    applied.delete(version);
    if (before === sha256) continue;
    if (before !== undefined) throw trouble(`migration ${version} is not the one that was applied`);
    await inTransaction(client, async () => {
      await client.query(sql);
      await client.query('INSERT INTO migration (version, name, sha256) VALUES ($1, $2, $3)', [
        version,
        fileName,
        sha256,
      ]);
    });
    onProgress?.(fileName);
  }
  const [unknown] = applied.keys();
  if (unknown !== undefined) throw trouble(`migration ${unknown} was applied by a newer version`);
}

async function grant(client: Client, role: string): Promise<void> {
  const sql = readFileSync(join(migrationsFolder(), GRANTS_FILE), 'utf8');
  await inTransaction(client, () => client.query(sql.replaceAll(':application', client.escapeIdentifier(role))));
}

async function inTransaction(client: Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** The numbered files in order; a gap or two of one number is a fault of ours. */
function readMigrations(): Migration[] {
  const folder = migrationsFolder();
  const fileNames = readdirSync(folder).filter((fileName) => MIGRATION_FILE.test(fileName));
  return fileNames.sort().map((fileName, index) => {
    const version = Number(MIGRATION_FILE.exec(fileName)?.[1]);
    if (version !== index + 1) throw trouble(`migration ${index + 1} is missing`);
    const sql = readFileSync(join(folder, fileName), 'utf8');
    return { version, fileName, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

/** `db/migrations`, above this file in the sources as in what was built of them. */
function migrationsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const migrations = join(folder, 'db', 'migrations');
    if (existsSync(migrations)) return migrations;
    if (dirname(folder) === folder) throw trouble('the folder db/migrations is missing');
  }
}

function trouble(reason: string): AdapterError {
  return new AdapterError('ERR_DATABASE_MIGRATION', { detail: { reason } });
}
