import { parseCertificate } from './certificate.js';
import type { CertificateInfo } from './certificate-info.js';
import { allowsAddresses } from './name-constraints.js';

/** Certificates on a path, leaf and anchor included. */
const PATH_MAX = 10;
/** Signatures verified for one answer: a heap of look-alike authorities must not cost more. */
const VERIFICATIONS_MAX = 50;
const RSA_BITS_MIN = 2_048;
const EMAIL_USAGES = ['1.3.6.1.5.5.7.3.4', '2.5.29.37.0'];
/** Signatures over MD2, MD5 and SHA-1: collisions can be bought. */
const WEAK_SIGNATURES = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.3',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10045.4.1',
  '1.2.840.10040.4.3',
]);

export interface ChainOptions {
  readonly anchors: readonly CertificateInfo[];
  readonly intermediates: readonly CertificateInfo[];
  readonly at: Date;
}

/**
 * Whether a path (RFC 5280 section 6) leads from the certificate to one of the anchors: signatures, validity of every
 * certificate at `at`, basic constraints and path length, key usage, extended key usage, bounds on addresses, critical
 * extensions. A certificate that is an anchor itself is trusted as it is. At most 10 certificates long.
 */
export function leadsToAnchor(leaf: CertificateInfo, options: ChainOptions): boolean {
  const anchors = new Set(options.anchors.map(({ sha256 }) => sha256));
  const authorities = [...options.anchors, ...options.intermediates.filter(({ sha256 }) => !anchors.has(sha256))];
  let verificationsLeft = VERIFICATIONS_MAX;
  if (leaf.unknownCriticalExtensions.length > 0) return false;

  /** `path`: leaf first, its last certificate already accepted. */
  const climb = (path: readonly CertificateInfo[]): boolean => {
    const current = path.at(-1);
    if (current === undefined) return false;
    if (anchors.has(current.sha256)) return true;
    if (path.length >= PATH_MAX || WEAK_SIGNATURES.has(current.signatureAlgorithm)) return false;
    return authorities.some((issuer) => {
      if (path.some(({ sha256 }) => sha256 === issuer.sha256) || !mayIssue(issuer, path, options.at)) return false;
      if (!isNamedIssuer(issuer, current) || verificationsLeft === 0) return false;
      verificationsLeft -= 1;
      return hasSigned(issuer, current) && climb([...path, issuer]);
    });
  };
  return climb([leaf]);
}

function mayIssue(issuer: CertificateInfo, path: readonly CertificateInfo[], at: Date): boolean {
  const authoritiesBelow = path.slice(1).filter(({ isSelfIssued }) => !isSelfIssued).length;
  return (
    issuer.isCa &&
    issuer.notBefore <= at &&
    at <= issuer.notAfter &&
    (issuer.keyUsage?.includes('keyCertSign') ?? true) &&
    (issuer.extendedKeyUsage?.some((usage) => EMAIL_USAGES.includes(usage)) ?? true) &&
    (issuer.pathLengthMax === undefined || issuer.pathLengthMax >= authoritiesBelow) &&
    (issuer.nameConstraints === undefined || allowsAddresses(issuer.nameConstraints, path[0]?.addresses ?? [])) &&
    issuer.unknownCriticalExtensions.length === 0 &&
    !(issuer.keyType.startsWith('rsa') && issuer.keySizeBits < RSA_BITS_MIN)
  );
}

function isNamedIssuer(issuer: CertificateInfo, subject: CertificateInfo): boolean {
  return Buffer.compare(parseCertificate(issuer.der).subjectDer, parseCertificate(subject.der).issuerDer) === 0;
}

function hasSigned(issuer: CertificateInfo, subject: CertificateInfo): boolean {
  const { x509, publicKey } = parseCertificate(issuer.der);
  const signed = parseCertificate(subject.der).x509;
  try {
    return publicKey !== undefined && signed.checkIssued(x509) && signed.verify(publicKey);
  } catch {
    return false;
  }
}
