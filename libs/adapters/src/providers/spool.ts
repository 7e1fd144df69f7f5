import { randomBytes, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '#lib/core';
import { openBlob, sealBlob } from '#lib/crypto';
import { blobError } from '../blob/blob-folder.js';

/** Up to so many bytes wait in memory, the rest in a temporary file. */
const MEMORY_BYTES_MAX = 1 << 20;
const READ_BYTES = 256 * 1024;
const BLOCK_BYTES = 16 * 1024;

/** A message that waits until it is known who sent it. */
export interface Spooled {
  readonly sizeBytes: number;
  /** Its bytes, once. */
  readonly read: () => AsyncIterable<Uint8Array>;
  /** Frees what it takes; more than once does no harm. */
  readonly discard: () => Promise<void>;
}

/** What came is larger than it may be. */
export class SpoolTooLarge extends Error {}

/**
 * Takes a stream to its end. A large one lies in a file of the folder for temporary files, encrypted under a key that
 * nobody else has, without a name from the first byte on: when the process ends it is gone.
 * Errors: {@link SpoolTooLarge}, those of the source, `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`.
 */
export async function spool(source: AsyncIterable<Uint8Array>, sizeBytesMax: number): Promise<Spooled> {
  let sizeBytes = 0;
  const counted = inBlocks(
    (async function* () {
      for await (const piece of source) {
        sizeBytes += piece.length;
        if (sizeBytes > sizeBytesMax) throw new SpoolTooLarge();
        yield piece;
      }
    })(),
  );
  const gathered: Uint8Array[] = [];
  while (sizeBytes <= MEMORY_BYTES_MAX) {
    const next = await counted.next();
    if (next.done === true) return inMemory(gathered, sizeBytes);
    gathered.push(next.value);
  }
  const key = new Secret<Uint8Array>(randomBytes(32));
  const file = await nameless();
  try {
    for await (const sealed of sealBlob(key, chain(gathered, counted), randomBytes)) await write(file, sealed);
    return inFile(file, key, sizeBytes);
  } catch (error) {
    await file.close();
    await counted.return(undefined);
    throw error;
  }
}

function inMemory(pieces: readonly Uint8Array[], sizeBytes: number): Spooled {
  return {
    sizeBytes,
    async *read() {
      await Promise.resolve();
      yield* pieces;
    },
    discard: () => Promise.resolve(),
  };
}

function inFile(file: FileHandle, key: Secret<Uint8Array>, sizeBytes: number): Spooled {
  let closing: Promise<void> | undefined;
  const discard = (): Promise<void> => (closing ??= file.close());
  return {
    sizeBytes,
    async *read() {
      try {
        yield* openBlob(key, piecesOf(file));
      } finally {
        await discard();
      }
    },
    discard,
  };
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `sealflow-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (error) {
    throw blobError(error);
  }
}

async function write(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes);
  } catch (error) {
    throw blobError(error);
  }
}

/** Small pieces together: a million of one byte would take a hundred times what they hold. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let block = Buffer.alloc(0);
  let length = 0;
  for await (const piece of source) {
    if (length + piece.length > block.length) {
      if (length > 0) yield block.subarray(0, length);
      length = 0;
      if (piece.length >= BLOCK_BYTES) {
        block = Buffer.alloc(0);
        yield piece;
        continue;
      }
      block = Buffer.alloc(BLOCK_BYTES);
    }
    block.set(piece, length);
    length += piece.length;
  }
  if (length > 0) yield block.subarray(0, length);
}

async function* chain(head: Uint8Array[], tail: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head.splice(0);
  yield* tail;
}
