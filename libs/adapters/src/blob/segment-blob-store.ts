import { createHash, randomBytes } from 'node:crypto';
import { newId, type Secret } from '#lib/core';
import { sealBlob, sealBlobWhole } from '#lib/crypto';
import type { BlobRef, BlobStore } from '#lib/flow';
import { folderOfUrl } from '../durable-folder.js';
import { BlobFolder } from './blob-folder.js';
import { fileNameOf, formatRef, isOwnFile, segmentOf } from './blob-place.js';
import { collectSegments, remove, type CollectOptions } from './collect-segments.js';
import { OpenSegments } from './open-segments.js';
import { readBlob } from './read-blob.js';
import { SegmentWriter } from './segment-writer.js';
import { writeLarge } from './write-large.js';

/** Blobs up to this many bytes share a segment with others. */
const SMALL_BYTES_MAX = 256 * 1024;

export interface SegmentBlobStoreOptions {
  /** The wall clock; a test may set its own. */
  readonly nowMs?: () => number;
}

/**
 * Blobs in a folder: small ones appended to segments (64 MB, each written by one process only), large ones in files of
 * their own, every one encrypted under the key it is given. A blob goes when its key is destroyed; its bytes go with
 * `remove` and `collect`, which the worker's retention calls:
 *
 * 1. destroy the keys of what is past retention in the record, and commit;
 * 2. `remove(refs)` with the references of those messages and deliveries: large blobs go at once;
 * 3. now and then (hourly) `collect({ liveOf })`: segments in which no blob of the record lies any more go, and what
 *    killed processes left. `liveOf` looks for segment names (`segmentOf(ref)`) among the references of all messages and
 *    deliveries whose key is not destroyed.
 */
export class SegmentBlobStore implements BlobStore {
  readonly #folder: BlobFolder;
  readonly #writer: SegmentWriter;
  readonly #segments: OpenSegments;
  readonly #nowMs: () => number;

  private constructor(folder: BlobFolder, nowMs: () => number) {
    this.#folder = folder;
    this.#nowMs = nowMs;
    this.#writer = new SegmentWriter(folder, () => this.#newName('s'), nowMs);
    this.#segments = new OpenSegments(folder);
  }

  /** Opens the folder of a `file:` URL, made if it is missing. Errors: `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`. */
  static async open(url: string, options: SegmentBlobStoreOptions = {}): Promise<SegmentBlobStore> {
    return new SegmentBlobStore(await BlobFolder.open(folderOfUrl(url)), options.nowMs ?? Date.now);
  }

  async write(
    key: Secret<Uint8Array>,
    source: AsyncIterable<Uint8Array>,
  ): Promise<{ ref: BlobRef; sizeBytes: number; sha256: string }> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const counted = (async function* () {
      for await (const piece of source) {
        hash.update(piece);
        sizeBytes += piece.length;
        yield piece;
      }
    })();
    const gathered: Uint8Array[] = [];
    for (let next = await counted.next(); ; next = await counted.next()) {
      if (next.done === true) {
        const sealed = sealBlobWhole(key, Buffer.concat(gathered), randomBytes);
        const ref = formatRef(await this.#writer.append(sealed));
        return { ref, sizeBytes, sha256: hash.digest('hex') };
      }
      gathered.push(next.value);
      if (sizeBytes > SMALL_BYTES_MAX) break;
    }
    const whole = (async function* () {
      yield* gathered.splice(0);
      yield* counted;
    })();
    try {
      const place = await writeLarge(this.#folder, this.#newName('f'), sealBlob(key, whole, randomBytes));
      return { ref: formatRef(place), sizeBytes, sha256: hash.digest('hex') };
    } finally {
      await counted.return();
    }
  }

  read(key: Secret<Uint8Array>, ref: BlobRef): AsyncGenerator<Uint8Array> {
    return readBlob(this.#folder, this.#segments, key, ref);
  }

  /** Removes the large blobs among these; what lies in segments waits for `collect`. Errors: `ERR_BLOB_UNAVAILABLE`. */
  async remove(refs: readonly BlobRef[]): Promise<void> {
    for (const ref of refs) {
      const segment = segmentOf(ref);
      if (segment !== undefined && isOwnFile(segment)) await remove(this.#folder, fileNameOf(segment));
    }
  }

  /** Removes files that nothing points into; see {@link SegmentBlobStore} and `collectSegments`. */
  collect(options: Pick<CollectOptions, 'liveOf'>): Promise<{ readonly removed: number }> {
    return collectSegments(this.#folder, { ...options, nowMs: this.#nowMs() });
  }

  /** For health checks: cheap, writes nothing. Error: `ERR_BLOB_UNAVAILABLE`. */
  probe(): Promise<{ readonly freeBytes: number }> {
    return this.#folder.probe();
  }

  /** After the last write and read. */
  async close(): Promise<void> {
    await this.#writer.close();
    await this.#segments.close();
  }

  #newName(kind: 's' | 'f'): string {
    return `${kind}-${newId(this.#nowMs(), randomBytes)}`;
  }
}
