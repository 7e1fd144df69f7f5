import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomBytes, Secret } from '#lib/core';
import { CryptoError } from '../errors.js';
import { deriveSubkey } from './subkey.js';

const MAGIC = Buffer.from('SFB\x01', 'latin1');
const SALT_BYTES = 32;
const PURPOSE = 'sealflow blob 1';
const NONCE_BYTES = 12;
const COUNTER_MAX = 0xff_ff_ff_ff;

/** Magic, version, salt. */
export const HEADER_BYTES = MAGIC.length + SALT_BYTES;
/** Bytes of plaintext that are sealed together. */
export const CHUNK_BYTES = 65_536;
/** The authentication tag after each chunk. */
export const TAG_BYTES = 16;

/** Exactly how long `plainBytes` become. */
export function sealedSize(plainBytes: number): number {
  return HEADER_BYTES + plainBytes + TAG_BYTES * Math.max(1, Math.ceil(plainBytes / CHUNK_BYTES));
}

/** How many bytes of plaintext a sealed blob of this length has; `undefined` if no blob is that long. */
export function openedSize(sealedBytes: number): number | undefined {
  const body = sealedBytes - HEADER_BYTES;
  const chunks = Math.ceil(body / (CHUNK_BYTES + TAG_BYTES));
  const plain = body - chunks * TAG_BYTES;
  return plain >= 0 && sealedSize(plain) === sealedBytes ? plain : undefined;
}

/** A new header. */
export function newHeader(random: RandomBytes): Buffer {
  return Buffer.concat([MAGIC, random(SALT_BYTES)]);
}

/**
 * Seals or opens the chunks of one blob in order: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM with
 * a key for this blob alone. The nonce is a counter and a flag for the last chunk, so a chunk that is changed, moved,
 * missing or added does not open.
 */
export class ChunkCipher {
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  #counter = 0;
  #isDone = false;

  /** `header`: of `HEADER_BYTES`. Errors: `ERR_SEAL_KEY_WRONG`; `ERR_OPEN_FAILED` if it is not a header of ours. */
  constructor(key: Secret<Uint8Array>, header: Buffer) {
    if (header.length !== HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new CryptoError('ERR_OPEN_FAILED');
    }
    this.#key = deriveSubkey(key, header.subarray(MAGIC.length), PURPOSE);
  }

  /** The ciphertext and its tag. */
  seal(chunk: Uint8Array, isLast: boolean): [Buffer, Buffer] {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nextNonce(isLast));
    const sealed = cipher.update(chunk);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }

  /** The plaintext of ciphertext and tag; `ERR_OPEN_FAILED` if it is not what was sealed in this place. */
  open(chunk: Uint8Array, isLast: boolean): Buffer {
    const sealedBytes = chunk.length - TAG_BYTES;
    const isEmpty = sealedBytes === 0;
    if (sealedBytes < 0 || (isEmpty && !(isLast && this.#counter === 0))) throw new CryptoError('ERR_OPEN_FAILED');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nextNonce(isLast), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(chunk.subarray(sealedBytes));
    const plain = decipher.update(chunk.subarray(0, sealedBytes));
    try {
      decipher.final();
    } catch (cause) {
      throw new CryptoError('ERR_OPEN_FAILED', { cause });
    }
    return plain;
  }

  #nextNonce(isLast: boolean): Buffer {
    if (this.#isDone || this.#counter > COUNTER_MAX) throw new CryptoError('ERR_OPEN_FAILED');
    this.#nonce.writeUInt32BE(this.#counter, NONCE_BYTES - 5);
    this.#nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1);
    this.#counter += 1;
    this.#isDone = isLast;
    return this.#nonce;
  }
}
