import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ROOT } from './paths.mjs';
import { MenuError } from './say.mjs';

const NODE_MAJOR = 24;

/** The Node that runs the product: this one if it is new enough, else the one that package-lock.json brings. */
export function nodeProgram() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const program = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return program;
  } catch {
    throw new MenuError(
      `Sealflow runs on Node ${NODE_MAJOR}; this is ${process.version}, and the one in node_modules does not start here. Install Node ${NODE_MAJOR} from https://nodejs.org and run the same command again.`,
    );
  }
}

/** The environment of what we start: programs of node_modules first in the path, libuv threads enough for files and keys. */
export function environmentForProduct(more = {}) {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  const path = `${join(ROOT, 'node_modules', '.bin')}${delimiter}${rest.PATH ?? ''}`;
  return { ...rest, PATH: path, UV_THREADPOOL_SIZE: rest.UV_THREADPOOL_SIZE ?? '16', ...more };
}
