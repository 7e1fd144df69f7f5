import { normalizeAddress } from '#lib/core';
import { derChildren, readDer } from './der.js';

/** DER of id-on-SmtpUTF8Mailbox, 1.3.6.1.5.5.7.8.9 (RFC 9598). */
const SMTP_UTF8_MAILBOX = Buffer.from('06082b06010505070809', 'hex');
const RFC822_NAME = 0x81;
const OTHER_NAME = 0xa0;
const ADDRESSES_MAX = 100;

/**
 * E-mail addresses of a certificate: those of the subject alternative name (RFC 5280 section 4.2.1.6, RFC 9598), never of
 * the subject, where an authority may let people write what they like. Normalized, at most 100.
 */
export function addressesOf(subjectAltName: Uint8Array | undefined): string[] {
  const texts = subjectAltName === undefined ? [] : alternativeNames(subjectAltName);
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

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
