/**
 * Loaded before the main of each child process (`node --import`): the process ends when whoever started it is gone,
 * SIGKILL included. The system closes the IPC channel then; first the orderly way, as on SIGTERM, then by force.
 */
import { isMainThread } from 'node:worker_threads';

const GRACE_MS = 10_000;

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS);
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref();
}
// Output that nobody reads any more is no reason to die before the work is put down.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
