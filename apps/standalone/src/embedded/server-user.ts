import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { Failure } from '../failure.js';

/** Whom the server runs as. PostgreSQL refuses root, so root takes a user that every system has; none is made. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * `undefined`: as ourselves. `cluster` is the folder of the data: if it is there its owner is who the server runs as.
 * Throws `Failure` where root finds nobody.
 */
export function serverUser(cluster: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: nameOf(owner.uid, lines) };
  for (const name of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid), name };
  }
  throw new Failure(
    'PostgreSQL does not run as root, and this system has neither a user postgres nor nobody: start Sealflow as an ordinary user, or set SEALFLOW_DATABASE_URL.',
  );
}

/** What a user is called; its number where it has no name (any more). */
export function nameOf(uid: number, passwd: readonly string[]): string {
  const line = passwd.find((one) => one.split(':')[2] === `${uid}`);
  return line?.split(':')[0] ?? `${uid}`;
}

/** `{ uid, gid }` for child processes; nothing as ourselves. */
export function asUser(user: ServerUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

/** Whether that user can run a program, wherever it lies. */
export function canRun(program: string, user: ServerUser | undefined): boolean {
  return spawnSync(program, ['--version'], { cwd: '/', stdio: 'ignore', ...asUser(user) }).status === 0;
}

/** Whether that user can come to a folder. */
export function canReach(folder: string, user: ServerUser | undefined): boolean {
  const how = ['-c', 'cd "$1"', 'sh', folder];
  return spawnSync('/bin/sh', how, { cwd: '/', stdio: 'ignore', ...asUser(user) }).status === 0;
}
