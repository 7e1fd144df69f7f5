import { normalizeAddress } from '#lib/core';
import type { CryptoErrorCode } from '../errors.js';
import { leadsToAnchor } from './certificate-chain.js';
import type { CertificateInfo } from './certificate-info.js';

/** Sealing to less than this is not protection (RFC 8551 section 4.2 says at least 2048). */
const RSA_BITS_MIN = 2_048;
/** What OpenSSL takes; longer keys only cost time. */
const RSA_BITS_MAX = 16_384;
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

export type CertificateProblem = Extract<CryptoErrorCode, `ERR_CERTIFICATE_${string}`>;

/** `unchecked`: there were no trust anchors to check against. */
export type CertificateTrust = 'trusted' | 'unchecked' | 'untrusted';

export interface CertificateCheck {
  /** No problem at all: mail may be sealed to it. */
  readonly usable: boolean;
  readonly trust: CertificateTrust;
  /** Every problem, not only the first. */
  readonly problems: readonly CertificateProblem[];
}

export interface CheckOptions {
  /** The time at which it must be valid. */
  readonly at: Date;
  /** The recipient's address, in any form; absent at import, where any address will do. */
  readonly address?: string;
  /** Absent or empty: chains are not checked. */
  readonly trustAnchors?: readonly CertificateInfo[];
  /** Certificates of authorities on the way, not trusted by themselves. */
  readonly intermediates?: readonly CertificateInfo[];
}

/**
 * Whether mail may be sealed to a certificate, at import and at each use (RFC 8550 section 4.4): validity, key usage
 * (`keyEncipherment`, if there is that extension), extended key usage (`emailProtection` or any, if there is), RSA key of
 * 2048 to 16384 bits, an e-mail address, and a path to a trust anchor if there are anchors. Revocation is not asked for.
 */
export function checkCertificate(info: CertificateInfo, options: CheckOptions): CertificateCheck {
  const problems: CertificateProblem[] = [...keyProblems(info)];
  if (options.at < info.notBefore) problems.push('ERR_CERTIFICATE_NOT_YET_VALID');
  if (options.at > info.notAfter) problems.push('ERR_CERTIFICATE_EXPIRED');
  if (info.keyUsage !== undefined && !info.keyUsage.includes('keyEncipherment'))
    problems.push('ERR_CERTIFICATE_KEY_USAGE');
  if (!allowsEmail(info)) problems.push('ERR_CERTIFICATE_EXTENDED_KEY_USAGE');
  if (info.addresses.length === 0) problems.push('ERR_CERTIFICATE_NO_ADDRESS');
  else if (options.address !== undefined && !isFor(info, options.address))
    problems.push('ERR_CERTIFICATE_ADDRESS_DIFFERENT');
  const trust = judgeTrust(info, options);
  if (trust === 'untrusted') problems.push('ERR_CERTIFICATE_UNTRUSTED');
  return { usable: problems.length === 0, trust, problems };
}

/** What forbids sealing to the key itself, whenever and for whomever. */
export function keyProblems(info: CertificateInfo): CertificateProblem[] {
  if (info.keyType !== 'rsa') return ['ERR_CERTIFICATE_KEY_TYPE'];
  if (info.keySizeBits < RSA_BITS_MIN) return ['ERR_CERTIFICATE_KEY_TOO_SMALL'];
  return info.keySizeBits > RSA_BITS_MAX || !info.isRsaExponentSound ? ['ERR_CERTIFICATE_KEY_UNUSABLE'] : [];
}

/** Whether the extended key usage leaves room for e-mail; without that extension it does. */
export function allowsEmail(info: CertificateInfo): boolean {
  const usage = info.extendedKeyUsage;
  return usage === undefined || usage.includes(EMAIL_PROTECTION) || usage.includes(ANY_EXTENDED_KEY_USAGE);
}

function isFor(info: CertificateInfo, address: string): boolean {
  const normalized = normalizeAddress(address);
  return normalized !== undefined && info.addresses.includes(normalized);
}

function judgeTrust(info: CertificateInfo, options: CheckOptions): CertificateTrust {
  const anchors = options.trustAnchors ?? [];
  if (anchors.length === 0) return 'unchecked';
  return leadsToAnchor(info, { anchors, intermediates: options.intermediates ?? [], at: options.at })
    ? 'trusted'
    : 'untrusted';
}
