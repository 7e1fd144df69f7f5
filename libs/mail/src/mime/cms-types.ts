/** Content types of CMS (RFC 5652), without tag and length, in hex: id-signedData 1.2.840.113549.1.7.2. */
export const SIGNED_DATA = '2a864886f70d010702';
/** id-envelopedData 1.2.840.113549.1.7.3 and id-ct-authEnvelopedData 1.2.840.113549.1.9.16.1.23 (RFC 5083). */
export const ENVELOPED_DATA: readonly string[] = ['2a864886f70d010703', '2a864886f70d0109100117'];
