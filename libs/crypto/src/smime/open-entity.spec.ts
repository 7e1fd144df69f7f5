import fc from 'fast-check';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bufferBytes } from '../../../../test/support/memory.js';
import { testKey, vectorKey } from '../../../../test/support/smime-keys.js';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { CryptoError } from '../errors.js';
import { TAG, der, derHeader } from './der.js';
import { openEntity } from './open-entity.js';
import { openMessage } from './open-message.js';
import { sealEntity } from './seal-entity.js';
import { sealMessage } from './seal-message.js';

const random = randomBytes;
const VECTORS = 'test/vectors/smime';
const vector = (name: string) => readFileSync(join(VECTORS, name));
const [ann, bob] = [testKey('ann'), testKey('bob')];
const failed = expect.objectContaining({
  code: 'ERR_OPEN_FAILED',
  message: 'The encrypted content could not be opened.',
});

const SECRET = 'The quartz lantern code is harbour-0f47da.';
const ENTITY = Buffer.from('Content-Type: text/plain\r\n\r\nThe quarterly figures\r\n');

async function sealed(entity = ENTITY, to = [ann]): Promise<Buffer> {
  const certificates = to.map(({ certificate }) => certificate);
  return await gather(sealEntity({ entity: [entity], entitySizeBytes: entity.length, certificates, random }).stream);
}

describe('opening what others sealed', () => {
  it.each([
    ['crypted.eml', 'james', 'cb5cf029d5993fc7f1a01dd97e8e7a743b6c409d9080302aa036fc2196c382bf'],
    ['crypted_with_attachment.eml', 'james', 'f661732de96e681ed9c3b69812347a040fe6f608926f498e19c5e43cfb94b04d'],
  ] as const)('opens %s (BER of indefinite length, Triple DES)', async (name, key, sha256) => {
    for (const pieceBytes of [1, 63, 100_000]) {
      const opened = openMessage(inPieces(vector(name), pieceBytes), [vectorKey(key)], { random });
      expect(
        createHash('sha256')
          .update(await gather(opened))
          .digest('hex'),
      ).toBe(sha256);
      expect(opened.isAuthenticated).toBe(false);
    }
  });

  it('opens an example of the LAMPS group with RSA-OAEP', async () => {
    const opened = openEntity(inPieces(vector('encryptedForBobRSAOaep.p7m')), [vectorKey('lamps-bob')], { random });
    expect((await gather(opened)).toString()).toBe('This is some sample content.');
  });

  it.each([
    ['a key that we have not', 'tika-enveloped.p7m'],
    ['a key shared beforehand', 'encryptedKekri.p7m'],
    ['ChaCha20-Poly1305', 'authEnvelopedForBobChaCha20Poly1305.p7m'],
  ])('does not open %s, with the one code', async (_name, file) => {
    await expect(gather(openEntity(inPieces(vector(file)), [vectorKey('lamps-bob')], { random }))).rejects.toEqual(
      failed,
    );
  });

  it('does not open a message whose ciphertext was damaged on its way', async () => {
    await expect(
      gather(openMessage(inPieces(vector('bad_crypted.eml')), [vectorKey('james')], { random })),
    ).rejects.toEqual(failed);
  });
});

describe('EFAIL', () => {
  const open = (name: string) => openMessage(inPieces(vector(`efail/${name}`)), [vectorKey('lamps-bob')], { random });

  it('opens the honest message, and says that its content is not authenticated', async () => {
    const opened = open('control-smime.eml');
    expect((await gather(opened)).toString()).toContain(SECRET);
    expect(opened.isAuthenticated).toBe(false);
  });

  it.each(readdirSync(join(VECTORS, 'efail')).filter((name) => /^(?:direct|reply)/.test(name)))(
    'guarantees that %s is not opened: sealed and foreign parts are never mixed',
    async (name) => {
      await expect(gather(open(name))).rejects.toEqual(failed);
    },
  );

  it.each(['odd-length-smime-cbc.eml', 'truncated-smime-cbc.eml'])('does not open %s', async (name) => {
    await expect(gather(open(name))).rejects.toEqual(failed);
  });

  it.each(readdirSync(join(VECTORS, 'efail')).filter((name) => name.startsWith('gadget')))(
    'never takes %s for authenticated',
    async (name) => {
      const opened = open(name);
      await gather(opened).catch((error: unknown) => expect(error).toEqual(failed));
      expect(opened.isAuthenticated).toBe(false);
    },
  );
});

describe('malformed content', () => {
  it('guarantees that one code and one sentence come of whatever was altered', async () => {
    const bytes = await sealed();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const error: unknown = await gather(openEntity(inPieces(changed, 97), [ann], { random })).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) {
          expect(error).toBeInstanceOf(CryptoError);
          expect(error).toEqual(failed);
          expect(error).not.toHaveProperty('cause');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('guarantees that content that was cut short anywhere is not opened', async () => {
    const bytes = await sealed();
    for (let end = 0; end < bytes.length; end += 1) {
      await expect(gather(openEntity(inPieces(bytes.subarray(0, end)), [ann], { random }))).rejects.toEqual(failed);
    }
  });

  const deep = (count: number, tag: number): Buffer => {
    const parts = [der(TAG.octetString, Buffer.from('x'))];
    for (let n = 0, size = 3; n < count; n += 1) {
      const header = derHeader(tag, size);
      parts.push(header);
      size += header.length;
    }
    return Buffer.concat(parts.reverse());
  };
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(1_000_000)],
    ['a length of a terabyte', Buffer.from('3086010000000000', 'hex')],
    ['a length of eight octets', Buffer.from('3088ffffffffffffffff', 'hex')],
    ['10,000 nested sequences', deep(10_000, TAG.sequence)],
    ['10,000 nested strings', deep(10_000, TAG.octetStringConstructed)],
    ['an indefinite length without end', Buffer.alloc(1_000_000, Buffer.from('3080', 'hex'))],
    ['a tag of several bytes', Buffer.from('3f8101020304', 'hex')],
    [
      'signed data',
      der(TAG.sequence, Buffer.from('06092a864886f70d010702', 'hex'), der(TAG.context0, der(TAG.sequence))),
    ],
    ['text', Buffer.from('hello')],
  ])('does not open %s, and reads no further than it needs for that', async (_name, bytes) => {
    let pieces = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(bytes, 1000)) {
        pieces += 1;
        yield piece;
      }
    }
    await expect(gather(openEntity(source(), [ann], { random }))).rejects.toEqual(failed);
    expect(pieces).toBeLessThanOrEqual(1);
  });

  it('guarantees that random bytes behind a sound beginning are never the content', async () => {
    const bytes = await sealed();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 20 }),
        fc.uint8Array({ minLength: 20, maxLength: 300 }),
        async (keep, rest) => {
          const changed = Buffer.concat([bytes.subarray(0, keep), rest]);
          const opened = gather(openEntity(inPieces(changed), [ann], { random }));
          // CBC ends with sound padding once in 256 times, whatever it is.
          const outcome: unknown = await opened.catch((error: unknown) => error);
          if (Buffer.isBuffer(outcome)) expect(outcome.equals(ENTITY)).toBe(false);
          else expect(outcome).toEqual(failed);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('tells a wrong key in RSA from wrong content by nothing: the padding oracle has no answer', async () => {
    const bytes = await sealed();
    const encryptedKeyAt = bytes.length - 64 - 300;
    const kinds = new Set<string>();
    for (let n = 0; n < 30; n += 1) {
      const changed = Buffer.from(bytes);
      changed[encryptedKeyAt + n] = (changed[encryptedKeyAt + n] ?? 0) ^ 0xff;
      const error: unknown = await gather(openEntity(inPieces(changed), [ann], { random })).catch(
        (thrown: unknown) => thrown,
      );
      // With a random key about one in 256 ends with sound padding by chance, and is garbage.
      if (!Buffer.isBuffer(error)) kinds.add(JSON.stringify(error) + String(error));
    }
    expect(kinds.size).toBe(1);
  });

  it('passes on an error of the source as it is', async () => {
    const bytes = await sealed(Buffer.alloc(100_000));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes.subarray(0, 70_000));
      throw new Error('blob is gone');
    }
    await expect(gather(openEntity(broken(), [ann], { random }))).rejects.toThrow('blob is gone');
  });

  it('leaves the source when the reader does', async () => {
    const bytes = await sealed(Buffer.alloc(1_000_000));
    let isLeft = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(bytes, 10_000);
      } finally {
        isLeft = true;
      }
    }
    for await (const piece of openEntity(source(), [ann], { random })) if (piece.length > 0) break;
    expect(isLeft).toBe(true);
  });
});

describe('authenticated content (AES-GCM)', () => {
  /** AuthEnvelopedData around what `sealEntity` wrote: the same recipients, the content by AES-256-GCM. */
  async function gcm(entity: Buffer): Promise<Buffer> {
    let key = Buffer.alloc(0);
    const remember = (size: number): Uint8Array => {
      const bytes = randomBytes(size);
      if (size === 32) key = Buffer.from(bytes);
      return bytes;
    };
    const template = await gather(
      sealEntity({
        entity: [ENTITY],
        entitySizeBytes: ENTITY.length,
        certificates: [ann.certificate],
        random: remember,
      }).stream,
    );
    const set = template.subarray(template.indexOf(Buffer.from('0201003182', 'hex')) + 3);
    const recipients = set.subarray(0, 4 + set.readUInt16BE(2));
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const content = Buffer.concat([cipher.update(entity), cipher.final()]);
    const parameters = der(TAG.sequence, der(TAG.octetString, nonce), der(TAG.integer, Buffer.from([16])));
    const algorithm = der(TAG.sequence, Buffer.from('060960864801650304012e', 'hex'), parameters);
    const info = der(
      TAG.sequence,
      Buffer.from('06092a864886f70d010701', 'hex'),
      algorithm,
      der(TAG.context0Primitive, content),
    );
    const enveloped = der(
      TAG.sequence,
      Buffer.from('020100', 'hex'),
      recipients,
      info,
      der(TAG.octetString, cipher.getAuthTag()),
    );
    return der(TAG.sequence, Buffer.from('060b2a864886f70d0109100117', 'hex'), der(TAG.context0, enveloped));
  }

  it('is opened, and is authenticated when its end has come', async () => {
    const bytes = await gcm(ENTITY);
    const opened = openEntity(inPieces(bytes, 100), [ann], { random });
    expect(opened.isAuthenticated).toBe(false);
    expect((await gather(opened)).equals(ENTITY)).toBe(true);
    expect(opened.isAuthenticated).toBe(true);
  });

  it('guarantees that one bit changed in content or tag ends it with the one error', async () => {
    const bytes = await gcm(ENTITY);
    for (let back = 1; back <= 16 + 2 + ENTITY.length; back += 1) {
      const changed = Buffer.from(bytes);
      const at = changed.length - back;
      changed[at] = (changed[at] ?? 0) ^ 1;
      const opened = openEntity(inPieces(changed), [ann], { random });
      await expect(gather(opened)).rejects.toEqual(failed);
      expect(opened.isAuthenticated).toBe(false);
    }
  });
});

describe('memory', () => {
  it('guarantees that sealing and opening 30 MB takes a few MB, whatever the size', async () => {
    const sizeBytes = 30_000_000;
    let [most, samples] = [0, 0];
    // Three times only: collecting garbage takes its time.
    const measureAt = (bytes: number): void => {
      if (samples === 3 || bytes < ((samples + 1) * sizeBytes) / 4) return;
      samples += 1;
      most = Math.max(most, bufferBytes());
    };
    async function* entity(): AsyncGenerator<Uint8Array> {
      for (let made = 0; made < sizeBytes; made += 60_000) {
        await Promise.resolve();
        yield Buffer.alloc(60_000, 'x');
      }
    }
    const before = bufferBytes();
    const certificates = [ann.certificate, bob.certificate];
    const message = sealMessage({ entity: entity(), entitySizeBytes: sizeBytes, certificates, random });
    let opened = 0;
    for await (const piece of openMessage(message.stream, [bob], { random })) {
      opened += piece.length;
      measureAt(opened);
    }
    expect(opened).toBe(sizeBytes);
    expect(samples).toBe(3);
    expect(most - before).toBeLessThan(6_000_000);
  });
});
