import { rename, unlink } from 'node:fs/promises';
import { blobError, type BlobFolder } from './blob-folder.js';
import { fileNameOf, type BlobPlace } from './blob-place.js';
import { writeAll } from './write-all.js';

/** Bytes that are gathered before they are written. */
const WRITE_BYTES = 512 * 1024;

/** The ending of a file that is being written; the collector removes those that were left. */
export const PART = '.part';

/**
 * Writes one large blob as a stream to a file of its own: fdatasync, then its name, then fsync of the folder. If anything
 * fails nothing is kept. Errors of `sealed` come through; `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`.
 */
export async function writeLarge(
  folder: BlobFolder,
  segment: string,
  sealed: AsyncIterable<Uint8Array>,
): Promise<BlobPlace> {
  const fileName = fileNameOf(segment);
  const partPath = folder.pathOf(fileName + PART);
  const file = await folder.create(fileName + PART).catch((error: unknown) => {
    throw blobError(error);
  });
  try {
    let length = 0;
    let gathered: Uint8Array[] = [];
    let gatheredBytes = 0;
    const flush = async () => {
      length += await orBlobError(writeAll(file, gathered, length));
      gathered = [];
      gatheredBytes = 0;
    };
    for await (const piece of sealed) {
      gathered.push(piece);
      gatheredBytes += piece.length;
      if (gatheredBytes >= WRITE_BYTES) await flush();
    }
    if (gatheredBytes > 0) await flush();
    await orBlobError(file.datasync());
    await orBlobError(rename(partPath, folder.pathOf(fileName)));
    await orBlobError(folder.sync());
    return { segment, offset: 0, length };
  } catch (error) {
    await unlink(partPath).catch(() => unlink(folder.pathOf(fileName)).catch(() => undefined));
    throw error;
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function orBlobError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw blobError(error);
  }
}
