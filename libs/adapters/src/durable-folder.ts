import { open, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Makes a folder (mode 0700) and those above it, durably; does nothing where it exists. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || dirname(made) === made) return;
  }
}
