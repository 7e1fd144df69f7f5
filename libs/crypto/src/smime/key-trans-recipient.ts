import { CMSVersion } from '@peculiar/asn1-cms';
import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { BoundedCache } from './bounded-cache.js';
import type { ParsedCertificate } from './certificate.js';
import { OID } from './oids.js';

/**
 * KeyTransRecipientInfo (RFC 5652 section 6.2.1) whose recipient identifier stays the bytes it is: readers compare the
 * issuer with their certificate byte by byte, and a name that is decoded and encoded again may come out otherwise.
 */
@AsnType({ type: AsnTypeTypes.Sequence })
export class KeyTransRecipient {
  @AsnProp({ type: AsnPropTypes.Integer })
  version: number = CMSVersion.v0;

  @AsnProp({ type: AsnPropTypes.Any })
  rid: ArrayBuffer = new ArrayBuffer(0);

  @AsnProp({ type: AlgorithmIdentifier })
  keyEncryptionAlgorithm: AlgorithmIdentifier = new AlgorithmIdentifier();

  @AsnProp({ type: OctetString })
  encryptedKey: OctetString = new OctetString();
}

/** All of a recipient's KeyTransRecipientInfo but the encrypted key, which comes last and has the length of the modulus. */
interface RecipientForm {
  readonly head: Uint8Array;
  readonly encryptedKeyBytes: number;
}

const forms = new BoundedCache<RecipientForm>(1_000);

/** DER of KeyTransRecipientInfo: version 0, IssuerAndSerialNumber, rsaEncryption, the encrypted key. */
export function writeRecipient(certificate: ParsedCertificate, encryptedKey: Uint8Array): Buffer {
  const { head, encryptedKeyBytes } = formOf(certificate);
  if (encryptedKey.length !== encryptedKeyBytes) throw new RangeError('an encrypted key has the length of the modulus');
  return Buffer.concat([head, encryptedKey], head.length + encryptedKeyBytes);
}

function formOf(certificate: ParsedCertificate): RecipientForm {
  return forms.getOrMake(certificate.info.sha256, () => {
    const encryptedKeyBytes = Math.ceil(certificate.info.keySizeBits / 8);
    const recipient = new KeyTransRecipient();
    recipient.rid = new Uint8Array(certificate.issuerAndSerial).buffer;
    recipient.keyEncryptionAlgorithm = new AlgorithmIdentifier({ algorithm: OID.rsaEncryption, parameters: null });
    recipient.encryptedKey = new OctetString(new Uint8Array(encryptedKeyBytes));
    const bytes = Buffer.from(AsnConvert.serialize(recipient));
    return { head: bytes.subarray(0, bytes.length - encryptedKeyBytes), encryptedKeyBytes };
  });
}
