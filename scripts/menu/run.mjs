import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';
import { environmentForProduct, nodeProgram } from './runtime.mjs';
import { whenNpmIsGone } from './npm-watch.mjs';

/** Signals that come twice within this time are one: a terminal sends Ctrl-C to npm and to us, and npm passes it on. */
const ECHO_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program of ours on Node 24 in the foreground; the result is its exit code. It is in a process group of its own,
 * so that Ctrl-C reaches it once, through us, and it has an IPC channel by which it knows that we are gone. `wholeGroup`:
 * what it started gets the signals too.
 */
export function run(args, { env = {}, wholeGroup = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeProgram(), args, {
      cwd: ROOT,
      env: environmentForProduct(env),
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: process.platform !== 'win32',
    });
    const send = (signal) => {
      try {
        if (wholeGroup && process.platform !== 'win32') process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // It has just ended.
      }
    };
    const lastAt = new Map();
    const passOn = (signal) => {
      const now = performance.now();
      if (now - (lastAt.get(signal) ?? Number.NEGATIVE_INFINITY) < ECHO_MS) return;
      lastAt.set(signal, now);
      send(signal);
    };
    for (const signal of SIGNALS) process.on(signal, passOn);
    const stopWatching = whenNpmIsGone(() => send('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stopWatching();
      for (const name of SIGNALS) process.off(name, passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
