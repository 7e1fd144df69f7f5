import { createHash } from 'node:crypto';
import type { NamedLists } from '#lib/flow';
import type { ListReference } from '#lib/rules';
import type { DatabasePool } from '../database-pool.js';
import { findContent, loadChunks } from './list-statements.js';

/** Bytes of lists that are kept; the newest one stays however large it is. Threads keep those of their rule sets besides. */
const CACHED_BYTES_MAX = 128 * 1024 * 1024;
/** Chunks of 1 MiB that come in one answer. */
const CHUNKS_AT_ONCE = 4;

interface Cached {
  readonly buffer: Promise<SharedArrayBuffer | undefined>;
  /** 0 until it is there. */
  sizeBytes: number;
}

/** Packed lists in memory that all threads of this process share: each once, those used last are kept. */
export class SharedLists implements NamedLists {
  readonly #cache = new Map<string, Cached>();

  constructor(
    private readonly pool: DatabasePool,
    private readonly cachedBytesMax = CACHED_BYTES_MAX,
  ) {}

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
    const key = `${organizationId} ${sha256}`;
    const cached = this.#cache.get(key) ?? this.#fetch(organizationId, sha256, key);
    this.#cache.delete(key);
    this.#cache.set(key, cached);
    const forget = (): void => {
      if (this.#cache.get(key) === cached) this.#cache.delete(key);
    };
    try {
      const buffer = await cached.buffer;
      if (buffer === undefined) forget();
      return buffer;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #fetch(organizationId: string, sha256: string, key: string): Cached {
    const fetch = async (): Promise<SharedArrayBuffer | undefined> => {
      const buffer = await this.#read(organizationId, sha256);
      cached.sizeBytes = buffer?.byteLength ?? 0;
      this.#shrink(key);
      return buffer;
    };
    const cached: Cached = { sizeBytes: 0, buffer: Promise.resolve().then(fetch) };
    return cached;
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

  #shrink(newest: string): void {
    let sizeBytes = 0;
    for (const cached of this.#cache.values()) sizeBytes += cached.sizeBytes;
    for (const [key, cached] of this.#cache) {
      if (sizeBytes <= this.cachedBytesMax) return;
      if (key === newest || cached.sizeBytes === 0) continue;
      this.#cache.delete(key);
      sizeBytes -= cached.sizeBytes;
    }
  }
}
