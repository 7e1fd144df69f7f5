import { X509Certificate, createHash, type KeyObject } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import { CryptoError } from '../errors.js';
import { BoundedCache } from './bounded-cache.js';
import { addressesOf } from './certificate-addresses.js';
import { readExtensions } from './certificate-extensions.js';
import type { CertificateInfo } from './certificate-info.js';
import { TAG, checkDerShape, der, derChildren, readDer, type DerElement } from './der.js';

/** A certificate longer than this is refused unread. Real ones have 1 to 4 kB. */
export const CERTIFICATE_BYTES_MAX = 65_536;
const SHAPE_LIMITS = { depthMax: 24, elementsMax: 4_000 };
const CACHED_MAX = 1_000;
const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

/** A certificate with what node:crypto and CMS need of it. */
export interface ParsedCertificate {
  readonly info: CertificateInfo;
  readonly x509: X509Certificate;
  /** `undefined` where OpenSSL cannot read the key. */
  readonly publicKey: KeyObject | undefined;
  /** DER of IssuerAndSerialNumber (RFC 5652 section 10.2.4), the issuer's bytes as they stand in the certificate. */
  readonly issuerAndSerial: Uint8Array;
  /** Content of the subject key identifier extension. */
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  /** DER of the names, for building paths. */
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
}

const cache = new BoundedCache<ParsedCertificate>(CACHED_MAX);

/**
 * The certificate of these DER bytes; the last {@link CACHED_MAX} are remembered by their digest.
 * Errors: `ERR_CERTIFICATE_TOO_LARGE`, `ERR_CERTIFICATE_MALFORMED`.
 */
export function parseCertificate(bytes: Uint8Array): ParsedCertificate {
  if (bytes.length > CERTIFICATE_BYTES_MAX)
    throw new CryptoError('ERR_CERTIFICATE_TOO_LARGE', { detail: { sizeBytesMax: CERTIFICATE_BYTES_MAX } });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return cache.getOrMake(sha256, () => {
    try {
      return parse(Buffer.from(bytes), sha256);
    } catch (cause) {
      throw new CryptoError('ERR_CERTIFICATE_MALFORMED', { cause });
    }
  });
}

function parse(bytes: Buffer, sha256: string): ParsedCertificate {
  checkDerShape(bytes, SHAPE_LIMITS);
  const x509 = new X509Certificate(bytes);
  const structure = AsnConvert.parse(bytes, Certificate);
  const fields = locateFields(bytes);
  const extensions = readExtensions(structure.tbsCertificate.extensions ?? []);
  const publicKey = readPublicKey(x509);
  const subjectDer = bytes.subarray(fields.subject.start, fields.subject.end);
  const issuerDer = bytes.subarray(fields.issuer.start, fields.issuer.end);
  const serial = bytes.subarray(fields.serial.start, fields.serial.end);
  const info: CertificateInfo = {
    sha256,
    subject: nameLine(x509.subject),
    issuer: nameLine(x509.issuer),
    serialHex: bytes.toString('hex', fields.serial.content, fields.serial.end).replace(/^(?:00)+(?=..)/, ''),
    notBefore: validDate(x509.validFromDate),
    notAfter: validDate(x509.validToDate),
    addresses: addressesOf(extensions.subjectAltName),
    ...describeKey(publicKey),
    keyUsage: extensions.keyUsage,
    extendedKeyUsage: extensions.extendedKeyUsage,
    isCa: extensions.isCa,
    pathLengthMax: extensions.pathLengthMax,
    isSelfIssued: subjectDer.equals(issuerDer),
    nameConstraints: extensions.nameConstraints,
    unknownCriticalExtensions: extensions.unknownCritical,
    signatureAlgorithm: structure.signatureAlgorithm.algorithm,
    der: bytes,
  };
  const issuerAndSerial = der(TAG.sequence, issuerDer, serial);
  return {
    info,
    x509,
    publicKey,
    issuerAndSerial,
    subjectKeyIdentifier: extensions.subjectKeyIdentifier,
    subjectDer,
    issuerDer,
  };
}

/** Positions in TBSCertificate (RFC 5280 section 4.1): `[0] version` may be absent, the rest has its order. */
function locateFields(bytes: Uint8Array): { serial: DerElement; issuer: DerElement; subject: DerElement } {
  const tbs = readDer(bytes, readDer(bytes, 0, bytes.length).content, bytes.length);
  const parts = derChildren(bytes, tbs);
  const [serial, , issuer, , subject] = parts[0]?.tag === TAG.context0 ? parts.slice(1) : parts;
  if (serial?.tag !== TAG.integer || issuer?.tag !== TAG.sequence || subject?.tag !== TAG.sequence)
    throw new RangeError('not a TBSCertificate');
  return { serial, issuer, subject };
}

function readPublicKey(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey;
  } catch {
    return undefined;
  }
}

function describeKey(
  key: KeyObject | undefined,
): Pick<CertificateInfo, 'keyType' | 'keySizeBits' | 'isRsaExponentSound'> {
  const details = key?.asymmetricKeyDetails;
  const exponent = details?.publicExponent ?? 0n;
  return {
    keyType: key?.asymmetricKeyType ?? 'unknown',
    keySizeBits: details?.modulusLength ?? CURVE_BITS[details?.namedCurve ?? ''] ?? 0,
    isRsaExponentSound: exponent >= 3n && exponent % 2n === 1n && exponent < 1n << 64n,
  };
}

function nameLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

function validDate(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new RangeError('unreadable validity');
  return date;
}
