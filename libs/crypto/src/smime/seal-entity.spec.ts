import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { testKey } from '../../../../test/support/smime-keys.js';
import { TAG, checkDerShape, derChildren, readDer } from './der.js';
import { parseCertificates } from './parse-certificates.js';
import { sealEntity, type SealInput } from './seal-entity.js';
import { sealMessage } from './seal-message.js';

const random = randomBytes;
const [ann, bob, carl] = [testKey('ann'), testKey('bob'), testKey('carl')];
const entity = Buffer.from('Content-Type: text/plain\r\n\r\nThe quarterly figures\r\n');

function input(more: Partial<SealInput> = {}): SealInput {
  return { entity: [entity], entitySizeBytes: entity.length, certificates: [ann.certificate], random, ...more };
}

describe('sealEntity', () => {
  it('writes DER with one recipient info for each certificate, sorted, a repeated certificate once', async () => {
    const certificates = [ann, bob, carl, bob].map(({ certificate }) => certificate);
    const bytes = await gather(sealEntity(input({ certificates })).stream);
    checkDerShape(bytes, { depthMax: 20, elementsMax: 1_000 });
    const explicit = derChildren(bytes, readDer(bytes, 0, bytes.length))[1]!;
    const enveloped = readDer(bytes, explicit.content, explicit.end);
    const [, set] = derChildren(bytes, enveloped);
    expect(set?.tag).toBe(TAG.set);
    const infos = derChildren(bytes, set!).map(({ start, end }) => bytes.subarray(start, end));
    expect(infos).toHaveLength(3);
    expect([...infos].sort((a, b) => a.compare(b))).toEqual(infos);
  });

  it('takes key and IV from the randomness it is given', async () => {
    const asked: number[] = [];
    await gather(
      sealEntity(
        input({
          random: (size) => {
            asked.push(size);
            return randomBytes(size);
          },
        }),
      ).stream,
    );
    expect(asked).toEqual([32, 16]);
  });

  it('never writes the same bytes for the same content twice', async () => {
    const digests = new Set<string>();
    for (let i = 0; i < 5; i++)
      digests.add(
        createHash('sha256')
          .update(await gather(sealEntity(input()).stream))
          .digest('hex'),
      );
    expect(digests.size).toBe(5);
  });

  it.each([
    ['shorter', entity.length + 1],
    ['longer', entity.length - 1],
  ])('ends with an error if the content is %s than was said, small or large', async (_, entitySizeBytes) => {
    await expect(gather(sealEntity(input({ entitySizeBytes })).stream)).rejects.toMatchObject({
      code: 'ERR_SEAL_SIZE_WRONG',
    });
    const large = Buffer.alloc(100_000);
    const wrong = 100_000 + entitySizeBytes - entity.length;
    await expect(
      gather(sealEntity(input({ entity: inPieces(large, 999), entitySizeBytes: wrong })).stream),
    ).rejects.toMatchObject({
      code: 'ERR_SEAL_SIZE_WRONG',
    });
  });

  it('passes on the error of its source', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- a source that fails at once
    const broken = (async function* () {
      yield entity.subarray(0, 5);
      throw new Error('blob is gone');
    })();
    await expect(gather(sealEntity(input({ entity: broken })).stream)).rejects.toThrow('blob is gone');
  });

  it('refuses to seal to nobody, to small keys, to other keys than RSA, and to what is no certificate', () => {
    expect(() => sealEntity(input({ certificates: [] }))).toThrow(
      expect.objectContaining({ code: 'ERR_SEAL_RECIPIENT_MISSING' }),
    );
    const [dana] = parseCertificates(readFileSync('test/vectors/smime/lamps-dana.encrypt.crt'));
    expect(() => sealEntity(input({ certificates: [dana!.der] }))).toThrow(
      expect.objectContaining({ code: 'ERR_CERTIFICATE_KEY_TYPE' }),
    );
    expect(() => sealEntity(input({ certificates: [Buffer.from('3003020101', 'hex')] }))).toThrow(
      expect.objectContaining({ code: 'ERR_CERTIFICATE_MALFORMED' }),
    );
  });

  it('streams a large entity in pieces that stay small', async () => {
    const sizeBytes = 5_000_000;
    const sealed = sealMessage(input({ entity: inPieces(Buffer.alloc(sizeBytes)), entitySizeBytes: sizeBytes }));
    let total = 0;
    let largest = 0;
    for await (const piece of sealed.stream) {
      total += piece.length;
      largest = Math.max(largest, piece.length);
    }
    expect(total).toBe(sealed.sizeBytes);
    expect(largest).toBeLessThan(100_000);
  });
});

describe('sealMessage', () => {
  it('begins with the content header of RFC 8551, then base64 in lines of at most 76 characters with CRLF', async () => {
    const text = (
      await gather(sealMessage(input({ entity: [Buffer.alloc(1_000)], entitySizeBytes: 1_000 })).stream)
    ).toString('latin1');
    const [header, body] = text.split('\r\n\r\n') as [string, string];
    expect(header.split('\r\n')).toEqual([
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data;',
      ' name="smime.p7m"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="smime.p7m"',
    ]);
    const lines = body.split('\r\n');
    expect(lines.pop()).toBe('');
    expect(lines.slice(0, -1).every((line) => line.length === 76)).toBe(true);
    expect(/[^\r]\n|\r[^\n]/.test(text)).toBe(false);
  });
});
