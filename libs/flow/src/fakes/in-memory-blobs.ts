import { createHash } from 'node:crypto';
import type { Secret } from '#lib/core';
import { collect } from '../byte-streams.js';
import type { BlobRef } from '../message.js';
import type { BlobStore } from '../ports.js';

/** Blobs in memory, for tests. The key must be the one a blob was written with. */
export class InMemoryBlobs implements BlobStore {
  readonly blobs = new Map<BlobRef, { readonly key: string; readonly bytes: Buffer }>();
  /** Errors that the next writes end with. */
  readonly writeFailures: Error[] = [];
  readonly readFailures: Error[] = [];
  /** Pieces of what is read have at most this many bytes. */
  pieceBytes = 16_384;
  /** Reads that were begun and neither ended nor given up. */
  openReads = 0;

  async write(
    key: Secret<Uint8Array>,
    source: AsyncIterable<Uint8Array>,
  ): Promise<{ ref: BlobRef; sizeBytes: number; sha256: string }> {
    const bytes = await collect(source);
    const failure = this.writeFailures.shift();
    if (failure !== undefined) throw failure;
    const ref = `memory:${this.blobs.size}:${bytes.length}`;
    this.blobs.set(ref, { key: nameOf(key), bytes });
    return { ref, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async *read(key: Secret<Uint8Array>, ref: BlobRef): AsyncGenerator<Uint8Array> {
    const failure = this.readFailures.shift();
    if (failure !== undefined) throw failure;
    const blob = this.blobs.get(ref);
    if (blob?.key !== nameOf(key)) throw new Error('no such blob under this key');
    this.openReads += 1;
    try {
      for (let at = 0; at < blob.bytes.length; at += this.pieceBytes) {
        await Promise.resolve();
        yield blob.bytes.subarray(at, at + this.pieceBytes);
      }
    } finally {
      this.openReads -= 1;
    }
  }
}

function nameOf(key: Secret<Uint8Array>): string {
  return Buffer.from(key.reveal()).toString('hex');
}
