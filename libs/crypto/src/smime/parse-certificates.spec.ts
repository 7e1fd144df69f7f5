import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { bounded } from '../../../../test/support/bounded.js';
import { testKey } from '../../../../test/support/smime-keys.js';
import { CryptoError } from '../errors.js';
import { parseCertificates } from './parse-certificates.js';

const ann = testKey('ann');
const pem = readFileSync(ann.certificatePath, 'utf8');
const bobPem = readFileSync(testKey('bob').certificatePath, 'utf8');
const namesOf = (text: string | Uint8Array) =>
  parseCertificates(Buffer.from(text)).map(({ addresses }) => addresses.join());
const codeOf = (bytes: string | Uint8Array): string => {
  try {
    parseCertificates(Buffer.from(bytes));
    return 'taken';
  } catch (error) {
    return error instanceof CryptoError ? error.code : String(error);
  }
};

describe('parseCertificates', () => {
  it('reads DER, PEM, several PEM with text around, CRLF, and one that comes again once', () => {
    expect(namesOf(ann.certificate)).toEqual(['ann@customer.example']);
    expect(namesOf(pem)).toEqual(['ann@customer.example']);
    expect(namesOf(pem.replaceAll('\n', '\r\n'))).toEqual(['ann@customer.example']);
    const key = readFileSync(ann.keyPath, 'utf8');
    expect(namesOf(`Bag Attributes\n${pem}subject=x\n${key}${bobPem}${pem}`)).toEqual([
      'ann@customer.example',
      'bob@customer.example',
    ]);
    expect(namesOf(pem.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE'))).toEqual(['ann@customer.example']);
  });

  it('says what it shows: subject, issuer, serial number, fingerprint, key', () => {
    const [info] = parseCertificates(ann.certificate);
    expect(info).toMatchObject({
      subject: expect.stringMatching(/CN=/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      serialHex: expect.stringMatching(/^[0-9a-f]+$/),
      keyType: 'rsa',
      keySizeBits: 2048,
      isRsaExponentSound: true,
      isSelfIssued: true,
    });
  });

  it.each([
    ['nothing', ''],
    ['no certificate', 'hello'],
    ['a key', readFileSync(ann.keyPath, 'utf8')],
    ['a block without end', pem.replace(/-----END.*/, '')],
    ['a block that ends as another', pem.replace('END CERTIFICATE', 'END PRIVATE KEY')],
    ['a block with other characters', pem.replace(/\n/, '\n!')],
    ['half a certificate', ann.certificate.subarray(0, ann.certificate.length / 2)],
    ['more behind a certificate', Buffer.concat([ann.certificate, Buffer.from([0])])],
    ['something else in DER', Buffer.from('30030201ff', 'hex')],
    ['a length that lies', Buffer.from('3084ffffffff', 'hex')],
    ['nesting without end', Buffer.alloc(40_000, Buffer.from('3080', 'hex'))],
  ])('refuses %s', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('ERR_CERTIFICATE_MALFORMED');
  });

  it('refuses too much, before it reads it', () => {
    expect(codeOf(Buffer.alloc(1_048_577, 'x'))).toBe('ERR_CERTIFICATE_TOO_LARGE');
    expect(codeOf('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'.repeat(201))).toMatch(
      /^ERR_CERTIFICATE_/,
    );
    expect(codeOf(Buffer.concat([Buffer.from('3083011170', 'hex'), Buffer.alloc(70_000)]))).toBe(
      'ERR_CERTIFICATE_TOO_LARGE',
    );
  });

  it('guarantees that a megabyte of white space is read in linear time', () => {
    for (const body of [
      `A${' '.repeat(1_000_000)}*`,
      `A=${'\n'.repeat(1_000_000)}*`,
      `A= =${' '.repeat(1_000_000)}=`,
    ]) {
      const pem = `-----BEGIN CERTIFICATE-----${body}-----END CERTIFICATE-----`;
      expect(() => bounded(() => parseCertificates(Buffer.from(pem)))).toThrow(
        expect.objectContaining({ code: 'ERR_CERTIFICATE_MALFORMED' }) as Error,
      );
    }
  });

  it('guarantees that altered bytes are a certificate or an error of ours, never a crash', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: ann.certificate.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.nat({ max: 40 }),
        (at, byte, cut) => {
          const changed = Buffer.from(ann.certificate);
          changed[at] = byte;
          const bytes = cut % 4 === 0 ? changed.subarray(0, changed.length - cut) : changed;
          expect(['taken', 'ERR_CERTIFICATE_MALFORMED']).toContain(codeOf(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('guarantees that random bytes are an error of ours, soon', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(codeOf(Buffer.concat([Buffer.from([0x30]), bytes]))).toBe('ERR_CERTIFICATE_MALFORMED');
      }),
      { numRuns: 500 },
    );
  });
});
