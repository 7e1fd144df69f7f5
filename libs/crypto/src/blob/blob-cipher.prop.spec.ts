import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Secret } from '#lib/core';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { sealedSize } from './blob-format.js';
import { openBlob } from './open-blob.js';
import { sealBlob } from './seal-blob.js';

describe('the blob cipher', () => {
  it('guarantees that open undoes seal, whatever the bytes, the key and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        async (keyBytes, bytes, times, sealPieceBytes, openPieceBytes) => {
          const key = new Secret(keyBytes);
          const plain = Buffer.concat(Array.from({ length: times }, () => bytes));
          const sealed = await gather(sealBlob(key, inPieces(plain, sealPieceBytes), randomBytes));
          expect(sealed.length).toBe(sealedSize(plain.length));
          const opened = await gather(openBlob(key, inPieces(sealed, openPieceBytes)));
          expect(opened.equals(plain)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
