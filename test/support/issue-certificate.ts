import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

export { Extension, KeyUsageFlags };
export type Keys = webcrypto.CryptoKeyPair;

/** An RSA key pair; `hash` is that of signatures with it. */
export async function rsaKeys(
  more: { modulusLength?: number; hash?: string; publicExponent?: Uint8Array } = {},
): Promise<Keys> {
  return await webcrypto.subtle.generateKey({ ...RSA, ...more }, true, ['sign', 'verify']);
}

export async function ecKeys(): Promise<Keys> {
  return await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
}

export interface CertificateOrder {
  readonly keys: Keys;
  readonly subject?: string;
  /** Absent: signed with its own key. */
  readonly issuer?: { readonly subject: string; readonly keys: Keys };
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly names?: readonly JsonGeneralName[] | null;
  readonly keyUsage?: KeyUsageFlags | null;
  readonly extendedKeyUsage?: readonly string[] | null;
  /** `true`: an authority; a number: with so many authorities below at most. */
  readonly ca?: boolean | number;
  readonly extensions?: readonly Extension[];
}

/** The DER of a certificate; as a rule one for e-mail to Ann, of the year 2026. */
export async function issueCertificate(order: CertificateOrder): Promise<Buffer> {
  const { keys, subject = 'CN=Ann', issuer, names, keyUsage, extendedKeyUsage, ca = false } = order;
  const signer = issuer ?? { subject, keys };
  const isCa = ca !== false;
  const usage = keyUsage === undefined ? (isCa ? KeyUsageFlags.keyCertSign : KeyUsageFlags.keyEncipherment) : keyUsage;
  const extended = extendedKeyUsage === undefined ? (isCa ? null : ['1.3.6.1.5.5.7.3.4']) : extendedKeyUsage;
  const alternative =
    names === undefined ? (isCa ? null : [{ type: 'email', value: 'ann@customer.example' } as const]) : names;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject,
    issuer: signer.subject,
    notBefore: new Date(order.notBefore ?? '2026-01-01T00:00:00Z'),
    notAfter: new Date(order.notAfter ?? '2026-12-31T00:00:00Z'),
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { hash: 'SHA-256', ...signer.keys.privateKey.algorithm } as never,
    extensions: [
      ...(isCa ? [new BasicConstraintsExtension(true, typeof ca === 'number' ? ca : undefined, true)] : []),
      ...(usage === null ? [] : [new KeyUsagesExtension(usage, true)]),
      ...(extended === null ? [] : [new ExtendedKeyUsageExtension([...extended])]),
      ...(alternative === null ? [] : [new SubjectAlternativeNameExtension([...alternative])]),
      ...(order.extensions ?? []),
    ],
  });
  return Buffer.from(certificate.rawData);
}
