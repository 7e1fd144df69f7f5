import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, also after its id has been given to another one: `started` tells them apart, beyond a restart of the machine. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

/** Who has this id now; `undefined` if nobody lives under it. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return startOf(pid) === started;
}

/** Sends a signal if that very process still lives; `false` if not. */
export function signal(process_: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(process_)) return false;
  try {
    process.kill(process_.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** The arguments of a living process; `[]` where that cannot be read. */
export function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return ps(pid, 'args').split(' ');
  }
}

function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    const started = process.platform === 'linux' ? '' : ps(pid, 'lstart');
    return started === '' ? undefined : started;
  }
  // After the name, which may hold anything: the state, and as the twentieth field the start in ticks since boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : `${boot()} ${fields[19] ?? ''}`;
}

function boot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function ps(pid: number, what: string): string {
  try {
    return execFileSync('ps', ['-o', `${what}=`, '-p', `${pid}`], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
