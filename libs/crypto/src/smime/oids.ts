import { id_data, id_envelopedData } from '@peculiar/asn1-cms';
import { AsnConvert, AsnObjectIdentifierConverter } from '@peculiar/asn1-schema';

/** Object identifiers that the readers and writers of CMS here name. */
export const OID = {
  data: id_data,
  envelopedData: id_envelopedData,
  /** RFC 5083. */
  authEnvelopedData: '1.2.840.113549.1.9.16.1.23',
  /** RSA with PKCS#1 v1.5 padding, RFC 8017. */
  rsaEncryption: '1.2.840.113549.1.1.1',
  /** RSA with OAEP padding and what its parameters name, RFC 4055. */
  rsaesOaep: '1.2.840.113549.1.1.7',
  mgf1: '1.2.840.113549.1.1.8',
  pSpecified: '1.2.840.113549.1.1.9',
  /** RFC 3565. */
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;

/** DER of an OBJECT IDENTIFIER, tag and length included. */
export function encodeOid(oid: string): Buffer {
  return Buffer.from(AsnConvert.serialize(AsnObjectIdentifierConverter.toASN(oid)));
}
