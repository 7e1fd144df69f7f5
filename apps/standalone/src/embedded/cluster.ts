import { spawnSync } from 'node:child_process';
import { chown, open, rename, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Failure } from '../failure.js';
import { makeOwned, type DatabaseNote } from './place.js';
import { asUser, type ServerUser } from './server-user.js';

const DATABASE = 'sealflow';
const OWNER = 'sealflow_owner';
const APPLICATION = 'sealflow';

/** Makes an empty cluster at `path` if there is none; after a crash there is none or a whole one. */
export async function initialize(
  path: string,
  programs: string,
  superuserPassword: string,
  user: ServerUser | undefined,
): Promise<boolean> {
  if (existsSync(join(path, 'PG_VERSION'))) return false;
  const unfinished = `${path}.tmp`;
  const passwordFile = `${path}.password.tmp`;
  await makeOwned(unfinished, user);
  await writePassword(passwordFile, superuserPassword, user);
  const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C'];
  const { status, stderr } = spawnSync(
    join(programs, 'initdb'),
    [`--pgdata=${unfinished}`, `--pwfile=${passwordFile}`, ...flags],
    { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], ...asUser(user) },
  );
  await rm(passwordFile, { force: true });
  if (status !== 0) throw new Failure(`The embedded PostgreSQL could not make its files: ${lastLine(stderr)}`);
  await rename(unfinished, path);
  return true;
}

/** Throws `Failure` if the data are of another major version than the programs. */
export function checkVersion(path: string, programs: string): void {
  const data = readFileSync(join(path, 'PG_VERSION'), 'utf8').trim();
  const { stdout } = spawnSync(join(programs, 'postgres'), ['--version'], { cwd: '/', encoding: 'utf8' });
  const server = /(\d+)\.\d+/.exec(stdout)?.[1];
  if (server === undefined || server === data) return;
  throw new Failure(
    `The database in ${path} is of PostgreSQL ${data}, and this Sealflow brings ${server}: dump it with the old version and restore it with this one (docs/operations.md).`,
  );
}

/** The database with its two roles, made where they are missing: one that owns and migrates, one that owns nothing. */
export async function ensureDatabase(superuserUrl: string, note: DatabaseNote): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const [role, password] of [
      [OWNER, note.ownerPassword],
      [APPLICATION, note.applicationPassword],
    ] as const) {
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
      const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
      const rights = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS';
      await client.query(`${verb} ROLE ${role} ${rights} PASSWORD ${client.escapeLiteral(password)}`);
    }
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
  } finally {
    await client.end();
  }
}

/** The URLs of the three roles, for a server on that port. */
export function urlsOf(note: DatabaseNote, port: number): { superuser: string; owner: string; application: string } {
  const url = (role: string, password: string, database: string): string =>
    `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`;
  return {
    superuser: url('postgres', note.superuserPassword, 'postgres'),
    owner: url(OWNER, note.ownerPassword, DATABASE),
    application: url(APPLICATION, note.applicationPassword, DATABASE),
  };
}

async function writePassword(path: string, password: string, user: ServerUser | undefined): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${password}\n`);
  } finally {
    await file.close();
  }
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
