import { X509Certificate } from 'node:crypto';
import type { StoredCertificate } from '#lib/adapters';
import {
  checkCertificate,
  cryptoErrorText,
  parseCertificates,
  type CertificateInfo,
  type CertificateProblem,
  type CertificateTrust,
} from '#lib/crypto';
import type { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';

const TRUST_REASONS: Readonly<Record<CertificateTrust, string>> = {
  trusted: 'Its chain leads to a trust anchor.',
  unchecked: 'No trust anchors are configured (SEALFLOW_SMIME_TRUST_DIR), so its chain was not checked.',
  untrusted: 'Its chain leads to no trust anchor.',
};

export interface Refusal {
  readonly fingerprint: string;
  readonly subject: string;
  readonly problems: readonly CertificateProblem[];
}

export interface Imported {
  readonly taken: readonly StoredCertificate[];
  readonly refused: readonly Refusal[];
  /** Whether any of them was not known before. */
  readonly isNew: boolean;
}

/**
 * Takes each certificate that mail may be sealed to now; copies that were held for want of it are told to the queue.
 * Certificates of authorities that stand beside those of people are passed over. Errors: `ERR_CERTIFICATE_MALFORMED`,
 * `ERR_CERTIFICATE_TOO_LARGE`, `ERR_REQUEST_INVALID` with every problem of every certificate if none can be taken.
 */
export async function importCertificates(
  platform: Platform,
  organizationId: string,
  bytes: Uint8Array,
): Promise<Imported> {
  const { trustAnchors, clock, stores, enqueue } = platform;
  const at = clock.now();
  const checked = parseCertificates(bytes).map((info) => ({
    info,
    check: checkCertificate(info, { at, trustAnchors }),
  }));
  const usable = checked.filter(({ check }) => check.usable);
  const refused = checked
    .filter(({ info, check }) => !check.usable && !isPassedOver(info, usable.length))
    .map(refusalOf);
  if (usable.length === 0) throw allRefused(refused);
  const taken: StoredCertificate[] = [];
  let isNew = false;
  for (const { info, check } of usable) {
    const { kind, certificate, released } = await stores.certificates.import(
      organizationId,
      fieldsOf(info, check.trust),
    );
    taken.push(certificate);
    isNew ||= kind === 'created';
    for (const id of released) enqueue.add('process', organizationId, id);
  }
  return { taken, refused, isNew };
}

function isPassedOver(info: CertificateInfo, usable: number): boolean {
  return usable > 0 && info.isCa && info.addresses.length === 0;
}

function refusalOf({
  info,
  check,
}: {
  readonly info: CertificateInfo;
  readonly check: { readonly problems: readonly CertificateProblem[] };
}): Refusal {
  return { fingerprint: info.sha256, subject: info.subject, problems: check.problems };
}

function allRefused(refused: readonly Refusal[]): Error {
  const isOne = refused.length === 1;
  return invalid(
    ...refused.flatMap(({ problems }, index) =>
      problems.map((code) => ({ pointer: isOne ? '' : `/${index}`, code, message: cryptoErrorText(code) })),
    ),
  );
}

function fieldsOf(
  info: CertificateInfo,
  trust: CertificateTrust,
): Parameters<Platform['stores']['certificates']['import']>[1] {
  return {
    der: info.der,
    pem: new X509Certificate(info.der).toString(),
    addresses: info.addresses,
    subject: info.subject,
    issuer: info.issuer,
    fingerprint: info.sha256,
    serialNumber: info.serialHex,
    notBefore: info.notBefore.toISOString(),
    notAfter: info.notAfter.toISOString(),
    keyType: info.keyType,
    keySizeBits: info.keySizeBits === 0 ? null : info.keySizeBits,
    trust: { status: trust, reason: TRUST_REASONS[trust] },
  };
}
