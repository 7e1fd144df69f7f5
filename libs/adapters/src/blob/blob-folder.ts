import { access, constants, open, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder } from '../durable-folder.js';
import { AdapterError, systemCodeOf } from '../errors.js';

const MARK = 'sealflow-blobs';
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether a write failed for want of room. */
export function isDiskFull(error: unknown): boolean {
  return FULL.has(systemCodeOf(error));
}

/** The error to be thrown for one of the file system's; errors of ours pass. */
export function blobError(error: unknown): AdapterError {
  if (error instanceof AdapterError) return error;
  const detail = { code: systemCodeOf(error) };
  return new AdapterError(isDiskFull(error) ? 'ERR_BLOB_DISK_FULL' : 'ERR_BLOB_UNAVAILABLE', { detail, cause: error });
}

/** The folder of the blobs. A mark in it tells it from an empty folder where a disk should have been mounted. */
export class BlobFolder {
  private constructor(private readonly path: string) {}

  /** Makes the folder, mode 0700, and its mark. Errors: `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`. */
  static async open(path: string): Promise<BlobFolder> {
    try {
      await makeFolder(path);
      await (await open(join(path, MARK), 'a', 0o600)).close();
      await syncFolder(path);
    } catch (error) {
      throw blobError(error);
    }
    return new BlobFolder(path);
  }

  pathOf(fileName: string): string {
    return join(this.path, fileName);
  }

  /** A new file for writing, mode 0600; its name is not durable before `sync`. */
  async create(fileName: string): Promise<FileHandle> {
    await access(this.pathOf(MARK));
    return open(this.pathOf(fileName), 'wx', 0o600);
  }

  /** Errors: `ERR_BLOB_MISSING`; `ERR_BLOB_UNAVAILABLE` where the whole folder is away. */
  async openForReading(fileName: string): Promise<FileHandle> {
    try {
      return await open(this.pathOf(fileName), 'r');
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw blobError(error);
      await this.probe();
      throw new AdapterError('ERR_BLOB_MISSING', { cause: error });
    }
  }

  async sync(): Promise<void> {
    await syncFolder(this.path);
  }

  /** Room that is left for us, bytes; reads and writes nothing. Error: `ERR_BLOB_UNAVAILABLE`. */
  async probe(): Promise<{ readonly freeBytes: number }> {
    try {
      await access(this.pathOf(MARK));
      await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(this.path);
      return { freeBytes: bavail * bsize };
    } catch (error) {
      throw blobError(error);
    }
  }
}
