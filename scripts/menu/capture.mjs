import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

const OUTPUT_CHARS_MAX = 400_000;

/**
 * Runs a program of our checkout to its end. The result has the exit code and the end of what it said on both streams;
 * `error` if it could not be started. A program that we started ends with us.
 */
export function capture(program, args, { env = process.env, onChild = () => undefined } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (piece) => {
      output = (output + piece).slice(-OUTPUT_CHARS_MAX);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('error', (error) => {
      process.off('exit', end);
      resolve({ code: null, output, error });
    });
    child.once('spawn', () => void Promise.resolve(onChild(child.pid)).catch(() => undefined));
    child.once('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code: code ?? signal, output, error: undefined });
    });
  });
}
