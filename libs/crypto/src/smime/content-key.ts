import { constants, privateDecrypt, type KeyObject } from 'node:crypto';
import type { RandomBytes } from '#lib/core';
import { AsnConvert, AsnProp, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { parseCertificate } from './certificate.js';
import { derChildren, readDer } from './der.js';
import { KeyTransRecipient } from './key-trans-recipient.js';
import { OID } from './oids.js';

/** A private key with the certificate that senders sealed to. */
export interface OpenKey {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
}

const SEQUENCE = 0x30;
const SUBJECT_KEY_IDENTIFIER = 0x80;
const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const SHA1 = new AlgorithmIdentifier({ algorithm: '1.3.14.3.2.26', parameters: null });

/** RSAES-OAEP-params (RFC 4055 section 4.1). */
@AsnType({ type: AsnTypeTypes.Sequence })
class OaepParameters {
  @AsnProp({ type: AlgorithmIdentifier, context: 0, optional: true })
  hashAlgorithm?: AlgorithmIdentifier;

  @AsnProp({ type: AlgorithmIdentifier, context: 1, optional: true })
  maskGenAlgorithm?: AlgorithmIdentifier;

  @AsnProp({ type: AlgorithmIdentifier, context: 2, optional: true })
  pSourceAlgorithm?: AlgorithmIdentifier;
}

/**
 * The content key from RecipientInfos (DER of the SET), with the first of `keys` that is named there. Where RSA gives
 * nothing of the right length a random key comes back instead, so that nobody can tell bad padding from bad content
 * (RFC 3218 section 2.3.2). Throws where no key is named, or for an algorithm that is not opened here.
 */
export function findContentKey(
  recipientInfos: Buffer,
  keys: readonly OpenKey[],
  keyBytes: number,
  random: RandomBytes,
): Buffer {
  for (const element of derChildren(recipientInfos, readDer(recipientInfos, 0, recipientInfos.length))) {
    // Other kinds (key agreement, password, …) have tags of their own.
    if (element.tag !== SEQUENCE) continue;
    const recipient = AsnConvert.parse(recipientInfos.subarray(element.start, element.end), KeyTransRecipient);
    const key = keys.find(({ certificate }) => isNamed(Buffer.from(recipient.rid), certificate));
    if (key === undefined) continue;
    const decrypt = decryption(recipient.keyEncryptionAlgorithm);
    const substitute = Buffer.from(random(keyBytes));
    try {
      const contentKey = decrypt(key.privateKey, Buffer.from(recipient.encryptedKey.buffer));
      return contentKey.length === keyBytes ? contentKey : substitute;
    } catch {
      return substitute;
    }
  }
  throw new RangeError('no key of ours is named');
}

function isNamed(rid: Buffer, certificateDer: Uint8Array): boolean {
  const certificate = parseCertificate(certificateDer);
  if (rid[0] !== SUBJECT_KEY_IDENTIFIER) return rid.equals(certificate.issuerAndSerial);
  const { content, end } = readDer(rid, 0, rid.length);
  return (
    certificate.subjectKeyIdentifier !== undefined &&
    rid.subarray(content, end).equals(certificate.subjectKeyIdentifier)
  );
}

function decryption({ algorithm, parameters }: AlgorithmIdentifier): (key: KeyObject, encrypted: Buffer) => Buffer {
  if (algorithm === OID.rsaEncryption) {
    // OpenSSL itself answers bad padding with other bytes (implicit rejection), nearly always of another length.
    return (key, encrypted) => privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encrypted);
  }
  if (algorithm !== OID.rsaesOaep) throw new RangeError('a key algorithm that is not opened here');
  const { oaepHash, oaepLabel } = readOaep(parameters);
  return (key, encrypted) =>
    privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash, ...(oaepLabel === undefined ? {} : { oaepLabel }) },
      encrypted,
    );
}

function readOaep(parameters: ArrayBuffer | null | undefined): { oaepHash: string; oaepLabel: Buffer | undefined } {
  const given =
    parameters === undefined || parameters === null
      ? new OaepParameters()
      : AsnConvert.parse(parameters, OaepParameters);
  const oaepHash = HASHES[(given.hashAlgorithm ?? SHA1).algorithm];
  const maskParameters = given.maskGenAlgorithm?.parameters;
  const maskHash =
    maskParameters === undefined || maskParameters === null
      ? SHA1
      : AsnConvert.parse(maskParameters, AlgorithmIdentifier);
  const isMgf1 = given.maskGenAlgorithm === undefined || given.maskGenAlgorithm.algorithm === OID.mgf1;
  // node:crypto has one hash for both.
  if (oaepHash === undefined || !isMgf1 || HASHES[maskHash.algorithm] !== oaepHash)
    throw new RangeError('parameters that are not opened here');
  const label = given.pSourceAlgorithm;
  if (label === undefined) return { oaepHash, oaepLabel: undefined };
  if (label.algorithm !== OID.pSpecified || label.parameters === undefined || label.parameters === null)
    throw new RangeError('unfit parameters');
  return { oaepHash, oaepLabel: Buffer.from(AsnConvert.parse(label.parameters, OctetString).buffer) };
}
