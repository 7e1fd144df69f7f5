import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a health check of the container looks at (`deploy/healthcheck.mjs alive`); each user of a machine has one. */
const FILE = join(tmpdir(), `sealflow-worker-${process.getuid?.() ?? 0}`);

/** Touches the file. A link of that name is not followed: the folder belongs to everybody. */
export async function markAlive(now: Date): Promise<void> {
  const { O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  const handle = await open(FILE, O_CREAT | O_WRONLY | O_NOFOLLOW, 0o644);
  try {
    await handle.utimes(now, now);
  } finally {
    await handle.close();
  }
}
