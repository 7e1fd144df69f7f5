import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Processes whose parent is this one: from /proc where there is one, so that no tool is needed; else from `ps`. */
export function childrenOf(pid: number): number[] {
  if (!existsSync('/proc/self/stat')) {
    return execFileSync('ps', ['-ax', '-o', 'pid=,ppid='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

/** `undefined` for a process that has ended meanwhile. */
function parentOf(pid: string): number | undefined {
  try {
    // Its name, in parentheses, may hold anything; behind that stand state and parent.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
