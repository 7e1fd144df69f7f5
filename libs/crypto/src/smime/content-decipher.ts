import { createDecipheriv } from 'node:crypto';
import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';

/** Parameters of AES-GCM (RFC 5084 section 3.2). */
@AsnType({ type: AsnTypeTypes.Sequence })
class GcmParameters {
  @AsnProp({ type: OctetString })
  nonce: OctetString = new OctetString();

  @AsnProp({ type: AsnPropTypes.Integer, defaultValue: 12 })
  icvLength = 12;
}

/** Content ciphers that are opened, by OID. Triple DES only because old mail has it. */
const CIPHERS = {
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24, ivBytes: 8 },
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16, ivBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24, ivBytes: 16 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32, ivBytes: 16 },
} as const;
const AUTHENTICATED_CIPHERS = {
  '2.16.840.1.101.3.4.1.6': { name: 'aes-128-gcm', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.26': { name: 'aes-192-gcm', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.46': { name: 'aes-256-gcm', keyBytes: 32 },
} as const;
const NONCE_BYTES_MAX = 64;

/** What deciphers content, piece by piece. */
export interface ContentDecipher {
  update(piece: Uint8Array): Buffer;
  final(): Buffer;
  /** Before `final`, for ciphers with integrity only. */
  setAuthTag(tag: Uint8Array): unknown;
}

/** A content encryption algorithm with its parameters, not yet with a key. */
export interface ContentAlgorithm {
  readonly keyBytes: number;
  /** Length of the authentication tag; 0 for CBC, which has no integrity. */
  readonly tagBytes: number;
  decipher(key: Uint8Array): ContentDecipher;
}

/** Reads ContentEncryptionAlgorithmIdentifier. Throws on what is not opened here, and on parameters that do not fit. */
export function readContentAlgorithm(der: Uint8Array, isAuthenticated: boolean): ContentAlgorithm {
  const { algorithm, parameters } = AsnConvert.parse(der, AlgorithmIdentifier);
  if (parameters === undefined || parameters === null) throw new RangeError('no parameters');
  if (isAuthenticated) {
    const cipher = find(AUTHENTICATED_CIPHERS, algorithm);
    const { nonce, icvLength } = AsnConvert.parse(parameters, GcmParameters);
    if (icvLength < 12 || icvLength > 16 || nonce.byteLength < 1 || nonce.byteLength > NONCE_BYTES_MAX)
      throw new RangeError('unfit parameters');
    return {
      keyBytes: cipher.keyBytes,
      tagBytes: icvLength,
      decipher: (key) => createDecipheriv(cipher.name, key, Buffer.from(nonce.buffer), { authTagLength: icvLength }),
    };
  }
  const cipher = find(CIPHERS, algorithm);
  const iv = Buffer.from(AsnConvert.parse(parameters, OctetString).buffer);
  if (iv.length !== cipher.ivBytes) throw new RangeError('unfit parameters');
  return {
    keyBytes: cipher.keyBytes,
    tagBytes: 0,
    decipher: (key) => {
      const decipher = createDecipheriv(cipher.name, key, iv);
      return {
        update: (piece) => decipher.update(piece),
        final: () => decipher.final(),
        setAuthTag: () => undefined,
      };
    },
  };
}

function find<Cipher>(ciphers: Readonly<Record<string, Cipher>>, oid: string): Cipher {
  const cipher = Object.hasOwn(ciphers, oid) ? ciphers[oid] : undefined;
  if (cipher === undefined) throw new RangeError('a cipher that is not opened here');
  return cipher;
}
