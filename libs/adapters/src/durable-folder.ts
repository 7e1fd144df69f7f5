import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemCodeOf } from './errors.js';

/** The folder that a `file:` URL names; `file:here` is relative to the working directory. A `TypeError` for another URL. */
export function folderOfUrl(url: string): string {
  const [, relative] = /^file:([^/].*)$/.exec(url) ?? [];
  return relative === undefined ? fileURLToPath(new URL(url)) : resolve(relative);
}

/** Makes the names in a folder durable: what was created, linked or removed there stays so after a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder (mode 0700) and those above it, durably; `false` where it was there. Errors: those of the system. */
export async function makeFolder(folder: string): Promise<boolean> {
  const first = await makeMissing(resolve(folder));
  if (first === undefined) return false;
  for (let made = resolve(folder); ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || dirname(made) === made) return true;
  }
}

/**
 * The topmost folder that was made; `undefined` if all were there. Step by step: `mkdir` with `recursive` never ends below
 * a folder that takes none (`/proc`).
 */
async function makeMissing(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return undefined;
    if (code !== 'ENOENT') throw error;
    const first = dirname(folder) === folder ? undefined : await makeMissing(dirname(folder));
    if (first === undefined) throw error;
    await makeMissing(folder);
    return first;
  }
}
