/** A parsed X.509 certificate (RFC 5280): what is shown of it and what is decided by it. Immutable. */
export interface CertificateInfo {
  /** SHA-256 of the DER, 64 hex digits in lower case: the certificate's identity. */
  readonly sha256: string;
  /** Subject as `CN=…, O=…` in the order of the certificate, values escaped as in RFC 4514; may be empty. */
  readonly subject: string;
  /** Issuer in the same form. */
  readonly issuer: string;
  /** Serial number in hex digits, lower case, without leading zeros. */
  readonly serialHex: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /**
   * E-mail addresses in the form of `normalizeAddress`, without repeats: `rfc822Name` and `SmtpUTF8Mailbox` (RFC 9598)
   * of the subject alternative name, never of the subject. What is no address is left out.
   */
  readonly addresses: readonly string[];
  /** Type of the public key as node:crypto names it: `rsa`, `rsa-pss`, `ec`, `ed25519`, `x25519`, …; `unknown` if OpenSSL cannot read it. */
  readonly keyType: string;
  /** Modulus length for RSA, curve size for EC keys that are known; 0 for others. */
  readonly keySizeBits: number;
  /** An RSA exponent that is odd, at least 3 and below 2^64; `false` for other keys. */
  readonly isRsaExponentSound: boolean;
  /** Names of RFC 5280 section 4.2.1.3 (`keyEncipherment`, …); `undefined` if the extension is absent: then all is allowed. */
  readonly keyUsage: readonly string[] | undefined;
  /** OIDs of RFC 5280 section 4.2.1.12; `undefined` if the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** `cA` of basic constraints. */
  readonly isCa: boolean;
  /** Most certificates of authorities that may stand below this one; `undefined`: no bound. */
  readonly pathLengthMax: number | undefined;
  /** Subject and issuer are the same name. Says nothing about who signed. */
  readonly isSelfIssued: boolean;
  /** Private authority's bounds on addresses (RFC 5280 section 4.2.1.10), see `name-constraints.ts`. */
  readonly nameConstraints: NameBounds | undefined;
  /** Critical extensions that this lib does not process, as OIDs: such a certificate is not trusted. */
  readonly unknownCriticalExtensions: readonly string[];
  /** OID of the algorithm of the signature on it. */
  readonly signatureAlgorithm: string;
  readonly der: Uint8Array;
}

/** Bounds on e-mail addresses. `hasOtherNames`: bounds on directory names too, which this lib does not process. */
export interface NameBounds {
  readonly permitted: readonly string[] | undefined;
  readonly excluded: readonly string[];
  readonly hasOtherNames: boolean;
}
