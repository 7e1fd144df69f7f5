import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  ExtendedKeyUsage,
  KeyUsage,
  SubjectKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_inhibitAnyPolicy,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_policyConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  type Extension,
} from '@peculiar/asn1-x509';
import type { NameBounds } from './certificate-info.js';
import { readNameConstraints } from './name-constraints.js';

/** Extensions that may be critical: those we decide by, and those about policies, which we ask nothing of. */
const PROCESSED = new Set([
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_ce_nameConstraints,
  id_ce_certificatePolicies,
  id_ce_policyConstraints,
  id_ce_inhibitAnyPolicy,
]);

export interface CertificateExtensions {
  readonly keyUsage: readonly string[] | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly isCa: boolean;
  readonly pathLengthMax: number | undefined;
  readonly nameConstraints: NameBounds | undefined;
  /** DER of GeneralNames. */
  readonly subjectAltName: Uint8Array | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly unknownCritical: readonly string[];
}

/** Reads the extensions of RFC 5280 section 4.2 that matter here. Throws if one is malformed or stands twice. */
export function readExtensions(extensions: readonly Extension[]): CertificateExtensions {
  const values = new Map<string, Uint8Array>();
  for (const { extnID, extnValue } of extensions) {
    if (values.has(extnID)) throw new RangeError('an extension stands twice');
    values.set(extnID, new Uint8Array(extnValue.buffer));
  }
  const read = <T>(oid: string, parse: (value: Uint8Array) => T): T | undefined => {
    const value = values.get(oid);
    return value === undefined ? undefined : parse(value);
  };
  const basic = read(id_ce_basicConstraints, (value) => AsnConvert.parse(value, BasicConstraints));
  return {
    keyUsage: read(id_ce_keyUsage, (value) => AsnConvert.parse(value, KeyUsage).toJSON()),
    extendedKeyUsage: read(id_ce_extKeyUsage, (value) => [...AsnConvert.parse(value, ExtendedKeyUsage)]),
    isCa: basic?.cA ?? false,
    pathLengthMax: basic?.pathLenConstraint,
    nameConstraints: read(id_ce_nameConstraints, readNameConstraints),
    subjectAltName: values.get(id_ce_subjectAltName),
    subjectKeyIdentifier: read(
      id_ce_subjectKeyIdentifier,
      (value) => new Uint8Array(AsnConvert.parse(value, SubjectKeyIdentifier).buffer),
    ),
    unknownCritical: [...extensions]
      .filter(({ critical, extnID }) => critical && !PROCESSED.has(extnID))
      .map(({ extnID }) => extnID),
  };
}
