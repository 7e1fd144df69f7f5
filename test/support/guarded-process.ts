import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Starts a program and ends it (SIGINT, then the folder goes) when our end of its standard input is closed. */
const GUARD = `
folder=$1; shift
"$@" </dev/null >/dev/null &
pid=$!
echo "pid $pid"
cat >/dev/null
ours=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" 2>/dev/null || ps -o ppid= -p "$pid" | tr -d ' ')
if [ "$ours" = "$$" ]; then
  kill -s INT "$pid"
  ( sleep 5; kill -s KILL "$pid" ) >/dev/null 2>&1 &
  late=$!
  wait "$pid"
  kill "$late"
fi
rm -rf "$folder"
`;

export interface GuardedProcess {
  /** Of the program itself, for signals. */
  readonly pid: number;
  /** Ends the program and removes the folder; also done by itself when the test process is gone, however it went. */
  stop(): Promise<void>;
}

/**
 * A server of a test that never outlives the test: a small shell holds it and ends it when the test process is gone,
 * killed included. `folder` is removed then. Runs as `user` where given (a PostgreSQL server refuses to run as root).
 */
export async function startGuarded(
  command: readonly string[],
  folder: string,
  user?: { readonly uid: number; readonly gid: number },
): Promise<GuardedProcess> {
  const guard: ChildProcess = spawn('/bin/sh', ['-c', GUARD, 'guard', folder, ...command], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    ...user,
  });
  const gone = once(guard, 'exit');
  const { stdin, stdout } = guard;
  if (stdin === null || stdout === null) throw new Error('no pipes to the guard');
  stdin.on('error', () => undefined);
  const pid = await new Promise<number>((resolve, reject) => {
    let text = '';
    stdout.setEncoding('utf8');
    stdout.on('data', (piece: string) => {
      text = (text + piece).slice(-4096);
      const match = /(?:^|\n)pid (\d+)\n/.exec(text);
      if (match?.[1] !== undefined) resolve(Number(match[1]));
    });
    guard.once('error', reject);
    guard.once('exit', () => reject(new Error(`${command[0] ?? ''} ended at once`)));
  });
  // The test may end without stopping it: nothing here keeps the process alive.
  guard.unref();
  stdout.destroy();
  (stdin as unknown as { unref(): void }).unref();
  return {
    pid,
    stop: async () => {
      guard.ref();
      stdin.end();
      await gone;
    },
  };
}
