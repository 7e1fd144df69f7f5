import { normalizeAddress } from '#lib/core';
import { TAG, derChildren, readDer } from './der.js';

/** DER of id-on-SmtpUTF8Mailbox, 1.3.6.1.5.5.7.8.9 (RFC 9598). */
const SMTP_UTF8_MAILBOX = Buffer.from('06082b06010505070809', 'hex');
/** DER of emailAddress, 1.2.840.113549.1.9.1 (PKCS#9), the address in subjects of old certificates. */
const EMAIL_ADDRESS = Buffer.from('06092a864886f70d010901', 'hex');
const RFC822_NAME = 0x81;
const OTHER_NAME = 0xa0;
const ADDRESSES_MAX = 100;

/**
 * E-mail addresses of a certificate: of the subject alternative name (RFC 5280 section 4.2.1.6, RFC 9598); only if that
 * names none, those of the subject (RFC 8550 section 3 lets receivers look there). Normalized, at most 100.
 */
export function addressesOf(subjectAltName: Uint8Array | undefined, subjectDer: Uint8Array): string[] {
  const named = subjectAltName === undefined ? [] : alternativeNames(subjectAltName);
  const texts = named.length > 0 ? named : subjectAddresses(subjectDer);
  const addresses = texts.map((text) => normalizeAddress(text)).filter((address) => address !== undefined);
  return [...new Set(addresses)].slice(0, ADDRESSES_MAX);
}

function alternativeNames(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  for (const name of derChildren(bytes, readDer(bytes, 0, bytes.length))) {
    if (name.tag === RFC822_NAME) texts.push(text(bytes.subarray(name.content, name.end)));
    if (name.tag !== OTHER_NAME) continue;
    const [type, value] = derChildren(bytes, name);
    if (type === undefined || value === undefined || !SMTP_UTF8_MAILBOX.equals(bytes.subarray(type.start, type.end)))
      continue;
    const mailbox = readDer(bytes, value.content, value.end);
    texts.push(text(bytes.subarray(mailbox.content, mailbox.end)));
  }
  return texts;
}

function subjectAddresses(subject: Uint8Array): string[] {
  const texts: string[] = [];
  for (const relativeName of derChildren(subject, readDer(subject, 0, subject.length))) {
    for (const attribute of derChildren(subject, relativeName)) {
      const [type, value] = derChildren(subject, attribute);
      if (type === undefined || value === undefined || !EMAIL_ADDRESS.equals(subject.subarray(type.start, type.end)))
        continue;
      if (value.tag === TAG.utf8String || value.tag === TAG.ia5String)
        texts.push(text(subject.subarray(value.content, value.end)));
    }
  }
  return texts;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
