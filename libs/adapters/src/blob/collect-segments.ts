import { readdir, stat, unlink } from 'node:fs/promises';
import { systemCodeOf } from '../errors.js';
import { blobError, type BlobFolder } from './blob-folder.js';
import { fileNameOf, segmentOfFile } from './blob-place.js';
import { PART } from './write-large.js';

/** Younger files are left alone: their blobs may not be in the record yet, or they are still being written. */
const AGE_MS_MIN = 24 * 60 * 60 * 1000;
/** Segments that are asked about together. */
const ASK_MAX = 200;

export interface CollectOptions {
  /** Of these segments, those that a blob which is still wanted lies in. Must throw rather than leave one out. */
  readonly liveOf: (segments: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly nowMs: number;
}

/**
 * Removes the files that nothing points into: segments whose blobs are all gone, large blobs that were never recorded,
 * and pieces of writes that a killed process left. It may run in several processes, and be killed, at any time.
 * Error: `ERR_BLOB_UNAVAILABLE`; errors of `liveOf` come through and nothing is removed for them.
 */
export async function collectSegments(
  folder: BlobFolder,
  options: CollectOptions,
): Promise<{ readonly removed: number }> {
  const fileNames = await readdir(folder.pathOf('.')).catch((error: unknown) => {
    throw blobError(error);
  });
  let removed = 0;
  const old: string[] = [];
  for (const fileName of fileNames) {
    const segment = segmentOfFile(fileName.endsWith(PART) ? fileName.slice(0, -PART.length) : fileName);
    if (segment === undefined || !(await isOld(folder.pathOf(fileName), options.nowMs))) continue;
    if (!fileName.endsWith(PART)) old.push(segment);
    else removed += await remove(folder, fileName);
  }
  for (let at = 0; at < old.length; at += ASK_MAX) {
    const asked = old.slice(at, at + ASK_MAX);
    const live = await options.liveOf(asked);
    for (const segment of asked) if (!live.has(segment)) removed += await remove(folder, fileNameOf(segment));
  }
  return { removed };
}

async function isOld(path: string, nowMs: number): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
  return nowMs - mtimeMs > AGE_MS_MIN;
}

/** Removes a file of the folder; 0 if another process was first. */
export async function remove(folder: BlobFolder, fileName: string): Promise<0 | 1> {
  try {
    await unlink(folder.pathOf(fileName));
    return 1;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 0;
    throw blobError(error);
  }
}
