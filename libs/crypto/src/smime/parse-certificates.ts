import { CryptoError } from '../errors.js';
import { parseCertificate } from './certificate.js';
import type { CertificateInfo } from './certificate-info.js';

const INPUT_BYTES_MAX = 1_048_576;
const CERTIFICATES_MAX = 200;
const BEGIN = /-----BEGIN (?:X509 )?CERTIFICATE-----/g;
/** In no place may two parts of it take the same character, or long white space takes quadratic time. */
const BODY = /^[A-Za-z0-9+/\s]+(?:=\s*){0,2}$/;
const SEQUENCE = 0x30;

/**
 * Reads certificates from PEM (RFC 7468; several, text and other blocks around them ignored) or from one in DER.
 * At most 1 MiB and 200 certificates, each at most 64 KiB; a repeated one comes once.
 * Errors: `ERR_CERTIFICATE_MALFORMED` (also for none at all), `ERR_CERTIFICATE_TOO_LARGE`.
 */
export function parseCertificates(pemOrDer: Uint8Array): CertificateInfo[] {
  if (pemOrDer.length > INPUT_BYTES_MAX)
    throw new CryptoError('ERR_CERTIFICATE_TOO_LARGE', { detail: { sizeBytesMax: INPUT_BYTES_MAX } });
  const ders = pemOrDer[0] === SEQUENCE ? [pemOrDer] : pemBlocks(Buffer.from(pemOrDer).toString('latin1'));
  if (ders.length === 0) throw new CryptoError('ERR_CERTIFICATE_MALFORMED');
  const bySha256 = new Map(ders.map((der) => parseCertificate(der).info).map((info) => [info.sha256, info]));
  return [...bySha256.values()];
}

function pemBlocks(text: string): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (const begin of text.matchAll(BEGIN)) {
    if (blocks.length === CERTIFICATES_MAX)
      throw new CryptoError('ERR_CERTIFICATE_TOO_LARGE', { detail: { certificatesMax: CERTIFICATES_MAX } });
    const start = begin.index + begin[0].length;
    const end = text.indexOf('-----', start);
    const body = end < 0 ? '' : text.slice(start, end);
    if (!text.startsWith(begin[0].replace('BEGIN', 'END'), end) || !BODY.test(body)) {
      throw new CryptoError('ERR_CERTIFICATE_MALFORMED');
    }
    blocks.push(Buffer.from(body, 'base64'));
  }
  return blocks;
}
