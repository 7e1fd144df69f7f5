import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEntity, openMessage, sealMessage } from '#lib/crypto';
import { openWithGpgsm, openWithOpenssl } from '../support/open-smime.js';
import { testKey, vectorKey, type TestKey } from '../support/smime-keys.js';
import { gather, inPieces } from '../support/streams.js';
import { describeWith, findTool } from '../support/tools.js';

const random = randomBytes;
const [ann, bob] = [testKey('ann'), testKey('bob')];

/** Entities of every kind: text, 8-bit, no line end, an empty one, one of several steps, blocks of the cipher to the byte. */
const ENTITIES: readonly (readonly [string, Buffer])[] = [
  ['text', Buffer.from('Content-Type: text/plain\r\n\r\nHello\r\n')],
  ['8-bit text without line end', Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße')],
  ['bytes of every kind', Buffer.concat([Buffer.from('Content-Type: application/x\r\n\r\n'), randomBytes(1000)])],
  ['sixteen bytes', Buffer.from('A: b\r\n\r\n12345678')],
  ['a megabyte', Buffer.concat([Buffer.from('Content-Type: application/x\r\n\r\n'), randomBytes(1_000_000)])],
];

async function messageFor(entity: Buffer, ...keys: readonly TestKey[]): Promise<Buffer> {
  const certificates = keys.map(({ certificate }) => certificate);
  const { stream } = sealMessage({ entity: [entity], entitySizeBytes: entity.length, certificates, random });
  return Buffer.concat([Buffer.from('From: sue@example.com\r\nMIME-Version: 1.0\r\n'), await gather(stream)]);
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-tools-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describeWith(['openssl'], 'openssl', () => {
  it.each(ENTITIES)('opens what we seal, for each of the recipients: %s', async (_name, entity) => {
    const message = await messageFor(entity, ann, bob);
    for (const key of [ann, bob]) expect(digest(openWithOpenssl(message, key))).toBe(digest(entity));
    expect(() => openWithOpenssl(message, testKey('carl'))).toThrow();
  });

  it('finds in it what RFC 8551 and RFC 5652 say', async () => {
    const message = await messageFor(ENTITIES[0]![1], ann, bob);
    const printed = inFolder((folder) => {
      const file = join(folder, 'message.eml');
      writeFileSync(file, message);
      return execFileSync(findTool('openssl') ?? '', ['cms', '-cmsout', '-print', '-inform', 'SMIME', '-in', file], {
        encoding: 'utf8',
      });
    });
    expect(printed).toMatch(/contentType: pkcs7-envelopedData/);
    expect(printed.match(/d\.ktri/g)).toHaveLength(2);
    expect(printed.match(/algorithm: rsaEncryption/g)).toHaveLength(2);
    expect(printed).toMatch(/algorithm: aes-256-cbc/);
    expect(printed).toMatch(/d\.envelopedData:\s+version: 0/);
  });

  it.each([
    ['AES-256-CBC', ['-aes-256-cbc']],
    ['AES-128-CBC in pieces of indefinite length', ['-aes-128-cbc', '-stream']],
    ['AES-192-CBC', ['-aes-192-cbc']],
    ['Triple DES', ['-des3']],
    ['a recipient named by key identifier', ['-aes-256-cbc', '-keyid']],
    ['RSA-OAEP with SHA-1', ['-aes-256-cbc', 'OAEP']],
    [
      'RSA-OAEP with SHA-256',
      ['-aes-256-cbc', 'OAEP', '-keyopt', 'rsa_oaep_md:sha256', '-keyopt', 'rsa_mgf1_md:sha256'],
    ],
    ['AES-256-GCM', ['-aes-256-gcm']],
    ['AES-128-GCM', ['-aes-128-gcm']],
  ])('seals with %s what we open', async (name, options) => {
    const entity = ENTITIES[2]![1];
    // Its certificate has a key identifier.
    const key = vectorKey('lamps-bob');
    const der = inFolder((folder) => {
      const [input, output] = [join(folder, 'entity'), join(folder, 'sealed')];
      writeFileSync(input, entity);
      const [cipher = '', oaep, ...more] = options;
      const padding = oaep === 'OAEP' ? ['-keyopt', 'rsa_padding_mode:oaep', ...more] : options.slice(1);
      const recipient = ['-recip', key.certificatePath, ...padding];
      execFileSync(findTool('openssl') ?? '', [
        'cms',
        '-encrypt',
        '-binary',
        cipher,
        '-outform',
        'DER',
        '-in',
        input,
        '-out',
        output,
        ...recipient,
      ]);
      return readFileSync(output);
    });
    for (const pieceBytes of [7, 100_000]) {
      const opened = openEntity(inPieces(der, pieceBytes), [key], { random });
      expect(digest(await gather(opened))).toBe(digest(entity));
      expect(opened.isAuthenticated).toBe(name.endsWith('GCM'));
    }
  });

  it('writes S/MIME messages that we open', async () => {
    const message = inFolder((folder) => {
      const input = join(folder, 'entity');
      writeFileSync(input, ENTITIES[0]![1]);
      return execFileSync(findTool('openssl') ?? '', [
        'cms',
        '-encrypt',
        '-aes-256-cbc',
        '-binary',
        '-in',
        input,
        ann.certificatePath,
      ]);
    });
    expect(digest(await gather(openMessage(inPieces(message), [ann], { random })))).toBe(digest(ENTITIES[0]![1]));
  });
});

describeWith(['gpgsm', 'gpgconf', 'openssl'], 'gpgsm', () => {
  it.each(ENTITIES)(
    'opens what we seal: %s',
    async (_name, entity) => {
      expect(digest(openWithGpgsm(await messageFor(entity, ann, bob), bob))).toBe(digest(entity));
    },
    60_000,
  );

  it('seals what we open', async () => {
    const entity = ENTITIES[1]![1];
    const sealed = inFolder((folder) => {
      chmodSync(folder, 0o700);
      const gpgsm = ['--homedir', folder, '--batch', '--quiet', '--disable-dirmngr', '--disable-crl-checks'];
      try {
        const run = (...more: string[]) =>
          execFileSync(findTool('gpgsm') ?? '', [...gpgsm, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
        run('--import', ann.certificatePath);
        const fingerprint = createHash('sha1').update(ann.certificate).digest('hex').toUpperCase();
        writeFileSync(join(folder, 'trustlist.txt'), `${fingerprint} S relax\n`);
        // Not through standard input, which gpgsm may leave unread.
        const path = join(folder, 'entity.eml');
        writeFileSync(path, entity);
        return run('--recipient', 'ann@customer.example', '--output', '-', '--encrypt', path);
      } finally {
        execFileSync(findTool('gpgconf') ?? '', ['--homedir', folder, '--kill', 'all'], { stdio: 'ignore' });
      }
    });
    expect(digest(await gather(openEntity(inPieces(sealed), [ann], { random })))).toBe(digest(entity));
  }, 60_000);
});
