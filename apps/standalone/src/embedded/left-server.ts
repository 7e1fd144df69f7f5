import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argumentsOf, identify, isAlive, signal, type ProcessIdentity } from '../data/process-identity.js';
import { Failure } from '../failure.js';
import { waitUntil } from '../wait-until.js';

/** In order: fast shutdown, immediate shutdown (recovers at the next start), by force; and how long each may take. */
const WAYS = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 5000],
] as const;

/**
 * The server that works on this cluster at the moment, by the cluster's `postmaster.pid`; `undefined` if none does. A
 * process counts only if it is a `postgres` that was started for this very folder: an id may have been given away.
 */
export function livingServer(cluster: string): ProcessIdentity | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const [program = '', ...args] = argumentsOf(pid);
  const isOurs = basename(program).startsWith('postgres') && args[args.indexOf('-D') + 1] === cluster;
  return isOurs ? identify(pid) : undefined;
}

/** Ends a server in the gentlest way that works. */
export async function endServer(server: ProcessIdentity): Promise<void> {
  for (const [name, timeoutMs] of WAYS) {
    if (!signal(server, name)) return;
    if (await waitUntil(() => !isAlive(server), timeoutMs, 20)) return;
  }
  throw new Failure(`The embedded PostgreSQL (process ${server.pid}) cannot be ended: end it, then start again.`);
}
