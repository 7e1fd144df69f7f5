import fc from 'fast-check';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { testKey } from '../../../../test/support/smime-keys.js';
import { openEntity } from './open-entity.js';
import { openMessage } from './open-message.js';
import { sealEntity } from './seal-entity.js';
import { sealMessage } from './seal-message.js';
import { randomBytes } from 'node:crypto';

const random = randomBytes;
const people = [testKey('ann'), testKey('bob'), testKey('carl')];

/** Sizes around the block of the cipher, the line of base64 and the step of the stream. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 65_400, max: 65_700 }),
  fc.integer({ min: 0, max: 300_000 }),
);

describe('sealing and opening', () => {
  it('guarantees that every recipient, and nobody else, gets back the bytes that were sealed', async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.subarray([0, 1, 2], { minLength: 1 }),
        fc.boolean(),
        async (sizeBytes, pieceIn, pieceOut, to, asMessage) => {
          const entity = randomBytes(sizeBytes);
          const certificates = to.map((i) => people[i]!.certificate);
          const smallest = Math.ceil(sizeBytes / 2_000) + 1;
          const input = {
            entity: inPieces(entity, Math.max(pieceIn, smallest)),
            entitySizeBytes: sizeBytes,
            certificates,
            random,
          };
          const sealed = asMessage ? sealMessage(input) : sealEntity(input);
          const bytes = await gather(sealed.stream);
          expect(bytes.length).toBe(sealed.sizeBytes);
          for (const [i, person] of people.entries()) {
            const source = inPieces(bytes, Math.max(pieceOut, smallest));
            const opened = gather((asMessage ? openMessage : openEntity)(source, [person], { random }));
            if (to.includes(i)) expect((await opened).equals(entity)).toBe(true);
            else await expect(opened).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
