import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';

const DAY_MS = 86_400_000;

/** What differs from a certificate that mail may be sealed to. */
export interface IssueOptions {
  /** None: an authority's. */
  readonly address?: string;
  readonly name?: string;
  readonly isCa?: boolean;
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  readonly bits?: 1024 | 2048;
  readonly usage?: KeyUsageFlags;
  readonly extendedUsage?: ExtendedKeyUsage;
  /** Who signs; absent: itself. */
  readonly issuer?: Issued;
}

/** A certificate with its keys. */
export interface Issued {
  readonly pem: string;
  readonly der: Uint8Array;
  readonly keys: CryptoKeyPair;
  readonly name: string;
}

type CryptoKeyPair = Awaited<ReturnType<typeof newKeys>>;

async function newKeys(bits: number) {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: bits,
  };
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Makes an RSA certificate, self-signed or signed by another one. */
export async function issueMailCertificate(options: IssueOptions): Promise<Issued> {
  const { address, issuer, isCa = false, bits = 2048 } = options;
  const keys = await newKeys(bits);
  const subject = `CN=${options.name ?? address ?? 'Authority'}`;
  const usage = options.usage ?? (isCa ? KeyUsageFlags.keyCertSign : KeyUsageFlags.keyEncipherment);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(isCa, undefined, true),
    new KeyUsagesExtension(usage, true),
    ...(isCa ? [] : [new ExtendedKeyUsageExtension([options.extendedUsage ?? ExtendedKeyUsage.emailProtection])]),
    ...(address === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: 'email', value: address }])]),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer?.name ?? subject,
    notBefore: new Date(Date.now() + (options.from ?? -1) * DAY_MS),
    notAfter: new Date(Date.now() + (options.until ?? 365) * DAY_MS),
    signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions,
  });
  const pem = `${PemConverter.encode(certificate.rawData, 'CERTIFICATE')}\n`;
  return { pem, der: new Uint8Array(certificate.rawData), keys, name: subject };
}
