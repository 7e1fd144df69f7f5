import { constants, createCipheriv, createSecretKey, publicEncrypt, type Cipheriv } from 'node:crypto';
import type { RandomBytes } from '#lib/core';
import { CryptoError } from '../errors.js';
import { parseCertificate, type ParsedCertificate } from './certificate.js';
import { keyProblems } from './check-certificate.js';
import { TAG, der, derHeader } from './der.js';
import { writeRecipient } from './key-trans-recipient.js';
import { OID, encodeOid } from './oids.js';

/** Entities up to this size are gathered and leave as one buffer. */
const WHOLE_BYTES_MAX = 65_536;
/** Longer ones are encrypted in steps of this size, whatever pieces they come in. */
const STEP_BYTES = 65_536;
const BLOCK_BYTES = 16;
const KEY_BYTES = 32;

const VERSION_0 = Buffer.from([TAG.integer, 1, 0]);
const ENVELOPED_DATA = encodeOid(OID.envelopedData);
const DATA = encodeOid(OID.data);
const AES_256_CBC = encodeOid(OID.aes256Cbc);

export interface SealInput {
  /** The bytes to be sealed, in pieces of any size. Read once. */
  readonly entity: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Exactly how many bytes `entity` has. */
  readonly entitySizeBytes: number;
  /** DER of the recipients' certificates, one or more; a repeated one counts once. */
  readonly certificates: readonly Uint8Array[];
  /** Source of the content key and the IV. (The padding of RSA is drawn by OpenSSL itself.) */
  readonly random: RandomBytes;
}

export interface SealedContent {
  /** Exactly how many bytes `stream` has. */
  readonly sizeBytes: number;
  /** To be read once. Errors of `entity` come through; `ERR_SEAL_SIZE_WRONG` if it is not as long as was said. */
  readonly stream: AsyncIterable<Uint8Array>;
}

/**
 * Seals bytes to every one of the certificates: DER of ContentInfo with EnvelopedData (RFC 5652 section 6), AES-256-CBC
 * (RFC 3565), a KeyTransRecipientInfo with RSA PKCS#1 v1.5 for each recipient, sorted as DER demands. Constant memory:
 * the length of CBC ciphertext is known from that of the plaintext, so every header is written before the content.
 * Only the keys are checked here; validity, usage and trust are for `checkCertificate`.
 * Errors: `ERR_SEAL_RECIPIENT_MISSING`, `ERR_CERTIFICATE_MALFORMED`, `…_TOO_LARGE`, `…_KEY_TYPE`, `…_KEY_TOO_SMALL`, `…_KEY_UNUSABLE`.
 */
export function sealEntity(input: SealInput): SealedContent {
  const certificates = recipientsOf(input.certificates);
  const key = Buffer.from(input.random(KEY_BYTES));
  const iv = Buffer.from(input.random(BLOCK_BYTES));
  const recipientInfos = certificates.map((certificate) => writeRecipient(certificate, encryptKey(certificate, key)));
  const cipher = createCipheriv('aes-256-cbc', createSecretKey(key), iv);
  key.fill(0);
  const contentBytes = (Math.floor(input.entitySizeBytes / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  const head = envelopeHead(der(TAG.set, ...recipientInfos.sort((a, b) => a.compare(b))), iv, contentBytes);
  return { sizeBytes: head.length + contentBytes, stream: encrypt(head, cipher, input) };
}

function recipientsOf(ders: readonly Uint8Array[]): ParsedCertificate[] {
  const recipients = new Map<string, ParsedCertificate>();
  for (const bytes of ders) {
    const certificate = parseCertificate(bytes);
    const [problem] = keyProblems(certificate.info);
    if (problem !== undefined) throw new CryptoError(problem);
    recipients.set(certificate.info.sha256, certificate);
  }
  if (recipients.size === 0) throw new CryptoError('ERR_SEAL_RECIPIENT_MISSING');
  return [...recipients.values()];
}

function encryptKey(certificate: ParsedCertificate, key: Uint8Array): Buffer {
  if (certificate.publicKey === undefined) throw new CryptoError('ERR_CERTIFICATE_KEY_TYPE');
  return publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
}

/** Everything before the ciphertext; the containers are as long as they will be once it has followed. */
function envelopeHead(recipientInfos: Buffer, iv: Buffer, contentBytes: number): Buffer {
  const algorithm = der(TAG.sequence, AES_256_CBC, der(TAG.octetString, iv));
  const contentHeader = derHeader(TAG.context0Primitive, contentBytes);
  const encryptedContentInfo = sequenceHead([DATA, algorithm, contentHeader], contentBytes);
  const envelopedData = sequenceHead([VERSION_0, recipientInfos, encryptedContentInfo], contentBytes);
  const explicit = Buffer.concat([derHeader(TAG.context0, envelopedData.length + contentBytes), envelopedData]);
  return sequenceHead([ENVELOPED_DATA, explicit], contentBytes);
}

function sequenceHead(parts: readonly Uint8Array[], followingBytes: number): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, followingBytes);
  return Buffer.concat([derHeader(TAG.sequence, length), ...parts]);
}

async function* encrypt(head: Buffer, cipher: Cipheriv, input: SealInput): AsyncGenerator<Buffer> {
  const isSmall = input.entitySizeBytes <= WHOLE_BYTES_MAX;
  const whole: Buffer[] = [head];
  if (!isSmall) yield head;
  let bytesLeft = input.entitySizeBytes;
  for await (const piece of input.entity) {
    bytesLeft -= piece.length;
    if (bytesLeft < 0) throw new CryptoError('ERR_SEAL_SIZE_WRONG');
    for (let at = 0; at < piece.length; at += STEP_BYTES) {
      const sealed = cipher.update(piece.subarray(at, at + STEP_BYTES));
      if (isSmall) whole.push(sealed);
      else if (sealed.length > 0) yield sealed;
    }
  }
  if (bytesLeft !== 0) throw new CryptoError('ERR_SEAL_SIZE_WRONG');
  const last = cipher.final();
  yield isSmall ? Buffer.concat([...whole, last]) : last;
}
