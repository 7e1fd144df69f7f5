import { readFileSync } from 'node:fs';
import {
  Extension,
  KeyUsageFlags,
  ecKeys,
  issueCertificate,
  rsaKeys,
  type CertificateOrder,
  type Keys,
} from '../../../../test/support/issue-certificate.js';
import { testKey } from '../../../../test/support/smime-keys.js';
import { cryptoErrorCodes } from '../errors.js';
import type { CertificateInfo } from './certificate-info.js';
import { parseCertificate } from './certificate.js';
import { checkCertificate, type CheckOptions } from './check-certificate.js';
import { parseCertificates } from './parse-certificates.js';

const AT = new Date('2026-06-01T00:00:00Z');

describe('checkCertificate', () => {
  let keys: Keys;
  const check = async (order: Partial<CertificateOrder> = {}, options: Partial<CheckOptions> = {}) => {
    const { info } = parseCertificate(await issueCertificate({ keys, ...order }));
    return checkCertificate(info, { at: AT, ...options });
  };

  beforeAll(async () => {
    keys = await rsaKeys();
  });

  it('finds nothing wrong with a certificate for e-mail of this year', async () => {
    const sound = { usable: true, trust: 'unchecked', problems: [] };
    expect(await check()).toEqual(sound);
    expect(await check({}, { address: 'Ann@Customer.Example' })).toEqual(sound);
    expect(await check({ keyUsage: null, extendedKeyUsage: null })).toEqual(sound);
    expect(await check({ extendedKeyUsage: ['2.5.29.37.0'] })).toEqual(sound);
    expect(await check({ keyUsage: KeyUsageFlags.keyEncipherment | KeyUsageFlags.digitalSignature })).toEqual(sound);
  });

  it('takes a self-signed certificate that says it is an authority, as openssl req -x509 makes it', async () => {
    const names = [{ type: 'email', value: 'ann@customer.example' }] as const;
    expect(await check({ ca: true, names, keyUsage: null, extendedKeyUsage: null })).toEqual({
      usable: true,
      trust: 'unchecked',
      problems: [],
    });
    for (const name of ['ann', 'bob', 'carl', 'dora'] as const) {
      const { info } = parseCertificate(testKey(name).certificate);
      expect(
        checkCertificate(info, { at: new Date('2027-01-01'), address: `${name}@customer.example` }).problems,
      ).toEqual([]);
    }
  });

  it('looks at validity to the second, both ends included', async () => {
    const problemsAt = async (at: string) => (await check({}, { at: new Date(at) })).problems;
    expect(await problemsAt('2025-12-31T23:59:59Z')).toEqual(['ERR_CERTIFICATE_NOT_YET_VALID']);
    expect(await problemsAt('2026-01-01T00:00:00Z')).toEqual([]);
    expect(await problemsAt('2026-12-31T00:00:00Z')).toEqual([]);
    expect(await problemsAt('2026-12-31T00:00:01Z')).toEqual(['ERR_CERTIFICATE_EXPIRED']);
  });

  it.each([
    ['a key usage for signing only', { keyUsage: KeyUsageFlags.digitalSignature }, 'ERR_CERTIFICATE_KEY_USAGE'],
    ['a key usage for data', { keyUsage: KeyUsageFlags.dataEncipherment }, 'ERR_CERTIFICATE_KEY_USAGE'],
    [
      'an extended key usage for servers',
      { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
      'ERR_CERTIFICATE_EXTENDED_KEY_USAGE',
    ],
    ['no name at all', { names: null }, 'ERR_CERTIFICATE_NO_ADDRESS'],
    ['a host name only', { names: [{ type: 'dns', value: 'customer.example' }] }, 'ERR_CERTIFICATE_NO_ADDRESS'],
    ['a name that is no address', { names: [{ type: 'email', value: 'ann' }] }, 'ERR_CERTIFICATE_NO_ADDRESS'],
  ] satisfies [string, Partial<CertificateOrder>, string][])('refuses %s', async (_name, order, code) => {
    expect(await check(order)).toMatchObject({ usable: false, problems: [code] });
  });

  it('refuses another recipient, and what only looks like the address', async () => {
    for (const address of [
      'bob@customer.example',
      'ann@customer.example.evil.example',
      'aann@customer.example',
      'no address',
      '',
    ]) {
      expect(await check({}, { address })).toMatchObject({
        usable: false,
        problems: ['ERR_CERTIFICATE_ADDRESS_DIFFERENT'],
      });
    }
  });

  it('refuses keys that are too small, not RSA, or odd', async () => {
    expect((await check({ keys: await rsaKeys({ modulusLength: 1024 }) })).problems).toEqual([
      'ERR_CERTIFICATE_KEY_TOO_SMALL',
    ]);
    expect((await check({ keys: await ecKeys() })).problems).toEqual(['ERR_CERTIFICATE_KEY_TYPE']);
    const [dana] = parseCertificates(readFileSync('test/vectors/smime/lamps-dana.encrypt.crt'));
    expect(checkCertificate(dana!, { at: AT }).problems).toContain('ERR_CERTIFICATE_KEY_TYPE');
    const { info } = parseCertificate(await issueCertificate({ keys }));
    const odd = (more: Partial<CertificateInfo>) => checkCertificate({ ...info, ...more }, { at: AT }).problems;
    expect(odd({ keySizeBits: 32_768 })).toEqual(['ERR_CERTIFICATE_KEY_UNUSABLE']);
    expect(odd({ isRsaExponentSound: false })).toEqual(['ERR_CERTIFICATE_KEY_UNUSABLE']);
  });

  it('says everything that is wrong at once, by codes of the list', async () => {
    const order = { names: null, keyUsage: KeyUsageFlags.digitalSignature, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] };
    const { problems } = await check(order, { at: new Date('2030-01-01') });
    expect([...problems].sort()).toEqual([
      'ERR_CERTIFICATE_EXPIRED',
      'ERR_CERTIFICATE_EXTENDED_KEY_USAGE',
      'ERR_CERTIFICATE_KEY_USAGE',
      'ERR_CERTIFICATE_NO_ADDRESS',
    ]);
    for (const problem of problems) expect(cryptoErrorCodes).toContain(problem);
  });
});

describe('the addresses of a certificate', () => {
  const otherName = Buffer.from('a01706082b06010505070809a00b0c09c3a46e6e406b2e6465', 'hex');
  let keys: Keys;
  beforeAll(async () => {
    keys = await rsaKeys();
  });
  const addressesOf = async (order: Partial<CertificateOrder>) =>
    parseCertificate(await issueCertificate({ keys, ...order })).info.addresses;

  it('are those of the alternative name, in our form, without repeats', async () => {
    const names = ['Ann@Customer.Example', 'ann@customer.example'].map((value) => ({ type: 'email', value }) as const);
    expect(await addressesOf({ names, subject: 'CN=Ann, E=other@x.example' })).toEqual(['ann@customer.example']);
  });

  it('guarantees that an address of the subject is none of them', async () => {
    const subject = 'CN=Ann, E=ann@customer.example';
    expect(await addressesOf({ names: null, subject })).toEqual([]);
    expect(await addressesOf({ names: [{ type: 'dns', value: 'x.example' }], subject })).toEqual([]);
  });

  it('may be internationalized (RFC 9598)', async () => {
    const names = Buffer.concat([Buffer.from([0x30, otherName.length]), otherName]);
    const extensions = [new Extension('2.5.29.17', false, names)];
    expect(await addressesOf({ names: null, extensions })).toEqual(['änn@k.de']);
  });
});
