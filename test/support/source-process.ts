import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a TypeScript file of ours as a process of its own, without a build, with an IPC channel (`process.send`).
 * `file` is relative to the repository; `settings` arrive as the text in `process.argv[2]` (JSON). The test ends it.
 */
export function startSource(file: string, settings: unknown): ChildProcess {
  const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
  return fork(path(file), [JSON.stringify(settings)], {
    execArgv: ['--import', new URL('./from-source.mjs', import.meta.url).href],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}
