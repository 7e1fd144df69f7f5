import type { FileHandle } from 'node:fs/promises';
import type { Secret } from '#lib/core';
import { CryptoError, openBlob, openBlobWhole, openedSize } from '#lib/crypto';
import type { BlobRef } from '#lib/flow';
import { AdapterError } from '../errors.js';
import { blobError, type BlobFolder } from './blob-folder.js';
import { fileNameOf, parseRef, type BlobPlace } from './blob-place.js';
import type { OpenSegments } from './open-segments.js';

/** Blobs up to this length are read and opened as a whole. */
const WHOLE_BYTES_MAX = 512 * 1024;
const READ_BYTES = 256 * 1024;

/** The bytes of a blob. Errors: `ERR_BLOB_MISSING`, `ERR_BLOB_DAMAGED`, `ERR_BLOB_UNAVAILABLE`. */
export async function* readBlob(
  folder: BlobFolder,
  segments: OpenSegments,
  key: Secret<Uint8Array>,
  ref: BlobRef,
): AsyncGenerator<Uint8Array> {
  const place = parseRef(ref);
  if (openedSize(place.length) === undefined) throw damaged();
  try {
    if (place.length <= WHOLE_BYTES_MAX) {
      const sealed = await segments.use(place.segment, (file) => readExactly(file, place.offset, place.length));
      yield* openBlobWhole(key, sealed);
    } else {
      yield* openBlob(key, readInSteps(folder, place));
    }
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'ERR_OPEN_FAILED') throw damaged(error);
    throw error;
  }
}

async function* readInSteps(folder: BlobFolder, place: BlobPlace): AsyncGenerator<Uint8Array> {
  const file = await folder.openForReading(fileNameOf(place.segment));
  try {
    for (let at = 0; at < place.length; at += READ_BYTES) {
      yield await readExactly(file, place.offset + at, Math.min(READ_BYTES, place.length - at));
    }
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at).catch((error: unknown) => {
      throw blobError(error);
    });
    if (bytesRead === 0) throw damaged();
    at += bytesRead;
  }
  return bytes;
}

function damaged(cause?: unknown): AdapterError {
  return new AdapterError('ERR_BLOB_DAMAGED', { cause });
}
