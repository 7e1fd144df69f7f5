import { bounded } from '../../../../test/support/bounded.js';
import {
  Extension,
  KeyUsageFlags,
  issueCertificate,
  rsaKeys,
  type CertificateOrder,
  type Keys,
} from '../../../../test/support/issue-certificate.js';
import type { CertificateInfo } from './certificate-info.js';
import { parseCertificate } from './certificate.js';
import { checkCertificate } from './check-certificate.js';

const AT = new Date('2026-06-01T00:00:00Z');
const ROOT = 'CN=Root';

describe('trust', () => {
  let rootKeys: Keys, middleKeys: Keys, lowKeys: Keys, leafKeys: Keys;
  let root: CertificateInfo;
  const issue = async (order: CertificateOrder) => parseCertificate(await issueCertificate(order)).info;
  const middle = (more: Partial<CertificateOrder> = {}) =>
    issue({ keys: middleKeys, subject: 'CN=Middle', issuer: { subject: ROOT, keys: rootKeys }, ca: true, ...more });
  const leaf = (more: Partial<CertificateOrder> = {}) =>
    issue({ keys: leafKeys, issuer: { subject: 'CN=Middle', keys: middleKeys }, ...more });
  const trust = (info: CertificateInfo, intermediates: CertificateInfo[] = [], trustAnchors = [root]) =>
    checkCertificate(info, { at: AT, trustAnchors, intermediates });

  beforeAll(async () => {
    [rootKeys, middleKeys, lowKeys, leafKeys] = await Promise.all([rsaKeys(), rsaKeys(), rsaKeys(), rsaKeys()]);
    root = await issue({ keys: rootKeys, subject: ROOT, ca: true });
  });

  it('leads over an authority in between to an anchor, and needs that one', async () => {
    expect(trust(await leaf(), [await middle()])).toEqual({ usable: true, trust: 'trusted', problems: [] });
    expect(trust(await leaf())).toEqual({ usable: false, trust: 'untrusted', problems: ['ERR_CERTIFICATE_UNTRUSTED'] });
    const direct = await leaf({ issuer: { subject: ROOT, keys: rootKeys } });
    expect(trust(direct).trust).toBe('trusted');
  });

  it('is not asked for without anchors, and an anchor may be the certificate itself', async () => {
    const alone = await leaf({ issuer: { subject: 'CN=Nobody', keys: middleKeys } });
    expect(trust(alone, [], []).trust).toBe('unchecked');
    expect(trust(alone, [], [alone]).trust).toBe('trusted');
    expect(trust(alone, [], [root]).trust).toBe('untrusted');
  });

  it('guarantees that an authority that only has the name has no say', async () => {
    const forged = await issue({
      keys: lowKeys,
      subject: 'CN=Middle',
      issuer: { subject: ROOT, keys: rootKeys },
      ca: true,
    });
    expect(trust(await leaf(), [forged]).trust).toBe('untrusted');
    const self = await issue({ keys: middleKeys, subject: 'CN=Middle', ca: true });
    expect(trust(await leaf(), [self]).trust).toBe('untrusted');
    expect(trust(await leaf(), [forged, self, await middle()]).trust).toBe('trusted');
  });

  it.each([
    ['that is none', { ca: false, keyUsage: KeyUsageFlags.keyCertSign }],
    ['that may not sign', { keyUsage: KeyUsageFlags.cRLSign }],
    ['that has expired', { notAfter: '2026-02-01T00:00:00Z' }],
    ['that is not valid yet', { notBefore: '2026-07-01T00:00:00Z' }],
    ['for servers only', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }],
    [
      'with a critical extension that nobody knows',
      { extensions: [new Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))] },
    ],
  ] satisfies [string, Partial<CertificateOrder>][])('does not lead over an authority %s', async (_name, more) => {
    expect(trust(await leaf(), [await middle(more)]).trust).toBe('untrusted');
  });

  it('does not lead over a signature with SHA-1, on the certificate or above it', async () => {
    const keys = await rsaKeys({ hash: 'SHA-1' });
    const old = await issue({ keys, subject: 'CN=Old', ca: true });
    const issuer = { subject: 'CN=Old', keys };
    expect(trust(await leaf({ issuer }), [], [old]).trust).toBe('untrusted');
    expect(trust(await leaf(), [await middle({ issuer })], [old]).trust).toBe('untrusted');
    expect(old.signatureAlgorithm).toBe('1.2.840.113549.1.1.5');
  });

  it('does not lead from a certificate with a critical extension that nobody knows', async () => {
    const extensions = [new Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))];
    expect(trust(await leaf({ extensions }), [await middle()]).trust).toBe('untrusted');
    const harmless = [new Extension('1.2.3.4', false, Buffer.from('0500', 'hex'))];
    expect(trust(await leaf({ extensions: harmless }), [await middle()]).trust).toBe('trusted');
  });

  it('does not lead over an authority with a small key', async () => {
    const small = await rsaKeys({ modulusLength: 1024 });
    const weak = await issue({ keys: small, subject: 'CN=Weak', issuer: { subject: ROOT, keys: rootKeys }, ca: true });
    expect(trust(await leaf({ issuer: { subject: 'CN=Weak', keys: small } }), [weak]).trust).toBe('untrusted');
  });

  it('counts the authorities below one that bounds them', async () => {
    const below = async (pathLength: number | true) => {
      const upper = await middle({ ca: pathLength });
      const lower = await issue({
        keys: lowKeys,
        subject: 'CN=Low',
        issuer: { subject: 'CN=Middle', keys: middleKeys },
        ca: true,
      });
      const one = await leaf({ issuer: { subject: 'CN=Low', keys: lowKeys } });
      return trust(one, [upper, lower]).trust;
    };
    expect([await below(true), await below(1), await below(0)]).toEqual(['trusted', 'trusted', 'untrusted']);
    expect(trust(await leaf(), [await middle({ ca: 0 })]).trust).toBe('trusted');
  });

  it('keeps to the bounds on addresses that an authority has', async () => {
    const bounded = (tag: 'a0' | 'a1', bound: string) => {
      const name = Buffer.concat([Buffer.from([0x81, bound.length]), Buffer.from(bound)]);
      const wrap = (first: number, content: Buffer) => Buffer.concat([Buffer.from([first, content.length]), content]);
      const value = wrap(0x30, wrap(Number.parseInt(tag, 16), wrap(0x30, name)));
      return middle({ extensions: [new Extension('2.5.29.30', true, value)] });
    };
    const trustWith = async (tag: 'a0' | 'a1', bound: string) => trust(await leaf(), [await bounded(tag, bound)]).trust;
    expect(await trustWith('a0', 'customer.example')).toBe('trusted');
    expect(await trustWith('a0', 'ann@customer.example')).toBe('trusted');
    expect(await trustWith('a0', 'other.example')).toBe('untrusted');
    expect(await trustWith('a0', '.customer.example')).toBe('untrusted');
    expect(await trustWith('a1', 'customer.example')).toBe('untrusted');
    expect(await trustWith('a1', 'other.example')).toBe('trusted');
  });

  it('guarantees that circles and heaps of look-alikes come to an end soon', async () => {
    const a = await issue({ keys: lowKeys, subject: 'CN=A', issuer: { subject: 'CN=B', keys: middleKeys }, ca: true });
    const b = await issue({ keys: middleKeys, subject: 'CN=B', issuer: { subject: 'CN=A', keys: lowKeys }, ca: true });
    const one = await leaf({ issuer: { subject: 'CN=A', keys: lowKeys } });
    expect(trust(one, [a, b]).trust).toBe('untrusted');
    const heap = await Promise.all(
      Array.from({ length: 200 }, () =>
        issue({ keys: lowKeys, subject: 'CN=Middle', issuer: { subject: 'CN=Middle', keys: lowKeys }, ca: true }),
      ),
    );
    const last = await leaf();
    expect(bounded(() => trust(last, heap)).trust).toBe('untrusted');
  });
});
