import { unlink, type FileHandle } from 'node:fs/promises';
import { blobError, isDiskFull, type BlobFolder } from './blob-folder.js';
import { fileNameOf, type BlobPlace } from './blob-place.js';
import { writeAll } from './write-all.js';

/** A segment is not added to beyond this. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
/** Nor after this time, so that the collector, which looks at older ones only, never takes one that is being written. */
const SEGMENT_AGE_MS_MAX = 60 * 60 * 1000;
/** What is written at once. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** A write that took longer than this looks whether the segment is still there. */
const SLOW_MS = 60_000;

interface Waiting {
  readonly pieces: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly resolve: (place: BlobPlace) => void;
  readonly reject: (error: unknown) => void;
}

interface Segment {
  readonly name: string;
  readonly file: FileHandle;
  readonly openedAtMs: number;
  /** Bytes that are on disk, sound and spoken for. What lies behind is overwritten. */
  end: number;
}

/**
 * Appends blobs to segments that are its own: nobody else writes to them. Blobs that come while a write runs are written
 * together by the next one: one write, one fdatasync, no timer.
 */
export class SegmentWriter {
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #segment: Segment | undefined;

  constructor(
    private readonly folder: BlobFolder,
    private readonly newName: () => string,
    private readonly nowMs: () => number,
  ) {}

  /** Resolves when the bytes are on disk. Errors: `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`. */
  append(pieces: readonly Uint8Array[]): Promise<BlobPlace> {
    const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ pieces, sizeBytes, resolve, reject });
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Writes what waits and closes the segment. */
  async close(): Promise<void> {
    await this.#running;
    await this.#leave();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeBatch(this.#takeBatch());
  }

  #takeBatch(): Waiting[] {
    let count = 0;
    for (let sizeBytes = 0; count < this.#waiting.length; count++) {
      sizeBytes += this.#waiting[count]?.sizeBytes ?? 0;
      if (count > 0 && sizeBytes > BATCH_BYTES_MAX) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const places = await this.#write(batch);
      batch.forEach((waiting, n) => waiting.resolve(places[n] as BlobPlace));
    } catch (error) {
      const [only, ...others] = batch;
      if (only !== undefined && others.length === 0) only.reject(blobError(error));
      // What fails together may partly succeed alone: a small blob still fits where the large neighbour does not.
      else for (const waiting of batch) await this.#writeBatch([waiting]);
    }
  }

  async #write(batch: readonly Waiting[]): Promise<BlobPlace[]> {
    const startedAtMs = this.nowMs();
    const segment = await this.#segmentFor(batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    try {
      const pieces = batch.flatMap((waiting) => waiting.pieces);
      const writtenBytes = await writeAll(segment.file, pieces, segment.end);
      await segment.file.datasync();
      if (this.nowMs() - startedAtMs > SLOW_MS && (await segment.file.stat()).nlink === 0)
        throw new Error('segment gone');
      const places: BlobPlace[] = [];
      let offset = segment.end;
      for (const { sizeBytes } of batch) {
        places.push({ segment: segment.name, offset, length: sizeBytes });
        offset += sizeBytes;
      }
      segment.end += writtenBytes;
      return places;
    } catch (error) {
      await this.#recover(segment, error);
      throw error;
    }
  }

  async #segmentFor(sizeBytes: number): Promise<Segment> {
    const there = this.#segment;
    const isFit =
      there !== undefined &&
      (there.end === 0 || there.end + sizeBytes <= SEGMENT_BYTES_MAX) &&
      Math.abs(this.nowMs() - there.openedAtMs) < SEGMENT_AGE_MS_MAX;
    if (isFit) return there;
    await this.#leave();
    const name = this.newName();
    const file = await this.folder.create(fileNameOf(name));
    const made: Segment = { name, file, openedAtMs: this.nowMs(), end: 0 };
    this.#segment = made;
    try {
      await this.folder.sync();
    } catch (error) {
      await this.#leave();
      throw error;
    }
    return made;
  }

  /**
   * After a failed write: where the disk is full the tail goes and the segment is used on. Where the disk itself failed
   * nobody knows what of it arrived, also later, so this segment is left as it is.
   */
  async #recover(segment: Segment, error: unknown): Promise<void> {
    try {
      if (!isDiskFull(error)) throw error;
      await segment.file.truncate(segment.end);
      await segment.file.datasync();
    } catch {
      await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    await segment.file.close().catch(() => undefined);
    if (segment.end === 0) await unlink(this.folder.pathOf(fileNameOf(segment.name))).catch(() => undefined);
  }
}
