import { createHash } from 'node:crypto';
import type { NamedLists } from '#lib/flow';
import type { ListReference } from '#lib/rules';
import type { DatabasePool } from '../database-pool.js';
import { KeptBySize } from '../kept-by-size.js';
import { findContent, loadChunks } from './list-statements.js';

/** Bytes of lists that are kept. Threads keep those of their rule sets besides. */
const CACHED_BYTES_MAX = 128 * 1024 * 1024;
/** Chunks of 1 MiB that come in one answer. */
const CHUNKS_AT_ONCE = 4;

/** Packed lists in memory that all threads of this process share: each once, those used last are kept. */
export class SharedLists implements NamedLists {
  readonly #kept = new KeptBySize<SharedArrayBuffer>(CACHED_BYTES_MAX);

  constructor(private readonly pool: DatabasePool) {}

  /** Errors: those of the database. What is not there, or is damaged, is left out. */
  async load(
    organizationId: string,
    references: readonly ListReference[],
  ): Promise<ReadonlyMap<string, SharedArrayBuffer>> {
    const names = [...new Set(references.map(({ sha256 }) => sha256))];
    const buffers = await Promise.all(names.map((sha256) => this.#one(organizationId, sha256)));
    const found = new Map<string, SharedArrayBuffer>();
    for (const [n, buffer] of buffers.entries()) if (buffer !== undefined) found.set(names[n] as string, buffer);
    return found;
  }

  async #one(organizationId: string, sha256: string): Promise<SharedArrayBuffer | undefined> {
    return await this.#kept.get(`${organizationId} ${sha256}`, async () => {
      const buffer = await this.#read(organizationId, sha256);
      return buffer === undefined ? undefined : { value: buffer, size: buffer.byteLength };
    });
  }

  async #read(organizationId: string, sha256: string): Promise<SharedArrayBuffer | undefined> {
    const [content] = await this.pool.one(organizationId, findContent(organizationId, sha256));
    if (content === undefined) return undefined;
    const buffer = new SharedArrayBuffer(content.size_bytes);
    const bytes = new Uint8Array(buffer);
    const digest = createHash('sha256');
    let sizeBytes = 0;
    for (let n = 0; sizeBytes < bytes.length; n += CHUNKS_AT_ONCE) {
      const statement = loadChunks(organizationId, sha256, n, n + CHUNKS_AT_ONCE);
      const chunks = await this.pool.one(organizationId, statement);
      if (chunks.length === 0) return undefined;
      for (const chunk of chunks) {
        if (sizeBytes + chunk.bytes.length > bytes.length) return undefined;
        digest.update(chunk.bytes);
        bytes.set(chunk.bytes, sizeBytes);
        sizeBytes += chunk.bytes.length;
      }
    }
    return digest.digest('hex') === sha256 ? buffer : undefined;
  }
}
