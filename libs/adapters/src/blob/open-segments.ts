import type { FileHandle } from 'node:fs/promises';
import type { BlobFolder } from './blob-folder.js';
import { fileNameOf } from './blob-place.js';

/** Segments that nobody reads are closed after this, so that deleted ones give their room back. */
const IDLE_MS = 10_000;

interface OpenSegment {
  readonly file: Promise<FileHandle>;
  readers: number;
  closing: NodeJS.Timeout | undefined;
}

/** Segments that are open for reading: opening and closing costs more than reading a small blob. */
export class OpenSegments {
  readonly #open = new Map<string, OpenSegment>();

  constructor(private readonly folder: BlobFolder) {}

  /** Lends the segment's file to `read`. Errors: those of `openForReading` and of `read`. */
  async use<T>(segment: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
    const entry = this.#take(segment);
    try {
      return await read(await entry.file);
    } finally {
      entry.readers -= 1;
      if (entry.readers === 0 && this.#open.get(segment) === entry) {
        entry.closing = setTimeout(() => void this.#close(segment, entry), IDLE_MS).unref();
      }
    }
  }

  /** Closes all of them; those in use when their readers are done. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map(([segment, entry]) => this.#close(segment, entry)));
  }

  #take(segment: string): OpenSegment {
    let entry = this.#open.get(segment);
    if (entry === undefined) {
      const file = this.folder.openForReading(fileNameOf(segment));
      entry = { file, readers: 0, closing: undefined };
      this.#open.set(segment, entry);
      file.catch(() => this.#open.delete(segment));
    }
    clearTimeout(entry.closing);
    entry.readers += 1;
    return entry;
  }

  async #close(segment: string, entry: OpenSegment): Promise<void> {
    clearTimeout(entry.closing);
    if (this.#open.get(segment) === entry) this.#open.delete(segment);
    await entry.file.then((file) => file.close()).catch(() => undefined);
  }
}
