import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc; the same on every Linux that we meet (USER_HZ). */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Of the process and of its children that have ended and were waited for. */
  readonly ticks: number;
}

/** CPU seconds, user and system, that these processes and all below them have used so far. Linux only. */
export function cpuSecondsOf(roots: readonly number[]): number {
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? readTimes(name) : undefined;
    if (times !== undefined) processes.set(Number(name), times);
  }
  const wanted = new Set(roots);
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) if (wanted.has(at)) return true;
    return false;
  };
  let ticks = 0;
  for (const [pid, times] of processes) if (isBelow(pid)) ticks += times.ticks;
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of one process now, bytes; 0 when it has gone. */
export function residentBytesOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function readTimes(pid: string): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold spaces and parentheses: state, parent, …
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const times = [11, 12, 13, 14].map((at) => Number(fields[at]));
    return { parent: Number(fields[1]), ticks: times.reduce((sum, one) => sum + one, 0) };
  } catch {
    return undefined;
  }
}
