import { createHash } from 'node:crypto';
import { Secret, type RandomBytes } from '#lib/core';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { CHUNK_BYTES, HEADER_BYTES, openedSize, sealedSize, TAG_BYTES } from './blob-format.js';
import { openBlob } from './open-blob.js';
import { openBlobWhole } from './open-blob-whole.js';
import { sealBlob, sealBlobWhole } from './seal-blob.js';

const key = new Secret<Uint8Array>(Buffer.alloc(32, 7));
const SIZES = [0, 1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 200_000];
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** The same bytes each time the program runs, other bytes at each call. */
function seededRandom(seed: string): RandomBytes {
  let calls = 0;
  return (size) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < size; at += 32) parts.push(createHash('sha256').update(`${seed} ${calls++}`).digest());
    return Buffer.concat(parts).subarray(0, size);
  };
}

const random = seededRandom('blob');
const plainOf = (size: number) => Buffer.from(seededRandom(`plain ${size}`)(size));
const seal = (plain: Buffer) => gather(sealBlob(key, [plain], random));

/** Opens it as a stream and whole; both must say the same. */
async function open(sealed: Buffer, pieceBytes?: number): Promise<Buffer> {
  const whole = await Promise.resolve()
    .then(() => Buffer.concat(openBlobWhole(key, sealed)))
    .catch((error: unknown) => error as Error);
  const streamed = await gather(openBlob(key, inPieces(sealed, pieceBytes))).catch((error: unknown) => error as Error);
  if (Buffer.isBuffer(streamed) && Buffer.isBuffer(whole)) expect(streamed.equals(whole)).toBe(true);
  else expect(streamed).toEqual(whole);
  if (streamed instanceof Error) throw streamed;
  return streamed;
}

describe('a sealed blob', () => {
  it.each(SIZES)('of %d bytes opens to the same bytes and is as long as said', async (size) => {
    const plain = plainOf(size);
    const sealed = await seal(plain);
    expect(sealed.length).toBe(sealedSize(size));
    expect(openedSize(sealed.length)).toBe(size);
    expect((await open(sealed)).equals(plain)).toBe(true);
  });

  it.each(SIZES)('of %d bytes is the same whether sealed whole or as a stream of any pieces', async (size) => {
    const plain = plainOf(size);
    const whole = Buffer.concat(sealBlobWhole(key, plain, seededRandom('same')));
    for (const pieceBytes of [1, 1000, CHUNK_BYTES, 1_000_000]) {
      if (pieceBytes === 1 && size > 1000) continue;
      const streamed = await gather(sealBlob(key, inPieces(plain, pieceBytes), seededRandom('same')));
      expect(streamed.equals(whole)).toBe(true);
      expect((await open(whole, pieceBytes)).equals(plain)).toBe(true);
    }
  });

  it('differs each time, salt and bytes', async () => {
    const plain = plainOf(100);
    const [one, two] = [await seal(plain), await seal(plain)];
    expect(one.subarray(4, HEADER_BYTES).equals(two.subarray(4, HEADER_BYTES))).toBe(false);
    expect(one.subarray(HEADER_BYTES).equals(two.subarray(HEADER_BYTES))).toBe(false);
  });

  it('knows which lengths no blob has', () => {
    for (const length of [0, 1, HEADER_BYTES, HEADER_BYTES + TAG_BYTES - 1, HEADER_BYTES + SEALED_CHUNK_BYTES + 1]) {
      expect(openedSize(length)).toBeUndefined();
    }
    expect(openedSize(HEADER_BYTES + TAG_BYTES)).toBe(0);
    expect(openedSize(HEADER_BYTES + SEALED_CHUNK_BYTES + TAG_BYTES)).toBeUndefined();
  });

  it('guarantees that one flipped bit anywhere is seen', async () => {
    for (const size of [0, 50, CHUNK_BYTES + 50]) {
      const sealed = await seal(plainOf(size));
      const step = Math.max(1, Math.floor(sealed.length / 150));
      for (let at = 0; at < sealed.length; at += step) {
        sealed.writeUInt8(sealed.readUInt8(at) ^ (1 << (at % 8)), at);
        await expect(open(sealed)).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
        sealed.writeUInt8(sealed.readUInt8(at) ^ (1 << (at % 8)), at);
      }
      await open(sealed);
    }
  });

  it('guarantees that a missing end is seen, also at the end of a chunk', async () => {
    const sealed = await seal(plainOf(3 * CHUNK_BYTES));
    const ends = [0, 1, 2, 3].map((chunks) => HEADER_BYTES + chunks * SEALED_CHUNK_BYTES);
    for (const end of [
      0,
      10,
      ...ends.slice(0, 3),
      ...ends.map((at) => at - 1),
      ...ends.slice(0, 3).map((at) => at + 1),
    ]) {
      await expect(open(sealed.subarray(0, end))).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
    }
  });

  it('guarantees that chunks that are moved, repeated, left out or added are seen', async () => {
    const sealed = await seal(plainOf(3 * CHUNK_BYTES));
    const other = await seal(plainOf(3 * CHUNK_BYTES));
    const header = sealed.subarray(0, HEADER_BYTES);
    const chunk = (from: Buffer, n: number) =>
      from.subarray(HEADER_BYTES + n * SEALED_CHUNK_BYTES, HEADER_BYTES + (n + 1) * SEALED_CHUNK_BYTES);
    const [a, b, c] = [chunk(sealed, 0), chunk(sealed, 1), chunk(sealed, 2)] as const;
    for (const chunks of [
      [b, a, c],
      [a, a, c],
      [a, c],
      [b, c],
      [c],
      [a, b, c, c],
      [a, b, c, b],
      [a, b, chunk(other, 2)],
    ]) {
      await expect(open(Buffer.concat([header, ...chunks]))).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
    }
    await expect(open(Buffer.concat([sealed, Buffer.alloc(TAG_BYTES)]))).rejects.toMatchObject({
      code: 'ERR_OPEN_FAILED',
    });
    await open(Buffer.concat([header, a, b, c]));
  });

  it('does not open with another key, nor does a key of a wrong size seal', async () => {
    const sealed = await seal(plainOf(10));
    const other = new Secret<Uint8Array>(Buffer.alloc(32, 8));
    await expect(gather(openBlob(other, [sealed]))).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
    expect(() => sealBlobWhole(new Secret<Uint8Array>(Buffer.alloc(16)), sealed, random)).toThrow(
      expect.objectContaining({ code: 'ERR_SEAL_KEY_WRONG' }),
    );
  });

  it('passes on an error of the source, and lets go of the source when the reader stops', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.alloc(10));
      throw new Error('connection lost');
    }
    await expect(gather(sealBlob(key, broken(), random))).rejects.toThrow('connection lost');

    const sealed = await seal(plainOf(3 * CHUNK_BYTES));
    let isLetGo = false;
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(sealed, 1000);
      } finally {
        isLetGo = true;
      }
    }
    for await (const piece of openBlob(key, watched())) {
      expect(piece.length).toBe(CHUNK_BYTES);
      break;
    }
    expect(isLetGo).toBe(true);
  });
});
