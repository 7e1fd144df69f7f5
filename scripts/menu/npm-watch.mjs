import { readFileSync } from 'node:fs';

const POLL_MS = 250;
const SHELL = /^(?:sh|bash|dash|ash|busybox)$/;

/**
 * Calls back when the npm that started us is gone without having told us (SIGKILL): what it started would go on unseen.
 * Does nothing where no npm started us. The result stops the watch.
 */
export function whenNpmIsGone(callback) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return () => undefined;
  const watched = ancestorsUpToNpm();
  const timer = setInterval(() => {
    if (process.ppid === watched[0]?.pid && watched.slice(1).every(isThere)) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Our parent, and its parent too if ours is the shell that npm uses. */
function ancestorsUpToNpm() {
  const parent = lookAt(process.ppid);
  if (parent === undefined) return [{ pid: process.ppid }];
  const above = SHELL.test(parent.name) ? lookAt(parent.parent) : undefined;
  return above === undefined ? [parent] : [parent, above];
}

function isThere({ pid, started }) {
  return lookAt(pid)?.started === started;
}

function lookAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    return fields[0] === 'Z' ? undefined : { pid, name, parent: Number(fields[1]), started: fields[19] };
  } catch {
    return undefined;
  }
}
