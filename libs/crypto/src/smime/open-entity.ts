import type { RandomBytes } from '#lib/core';
import { CryptoError } from '../errors.js';
import { BerReader, type BerElement } from './ber-reader.js';
import { ByteSource, SourceFailed } from './byte-source.js';
import { readContentAlgorithm, type ContentAlgorithm, type ContentDecipher } from './content-decipher.js';
import { findContentKey, type OpenKey } from './content-key.js';
import { TAG } from './der.js';
import { OID, encodeOid } from './oids.js';

/** RecipientInfos (about 600 bytes each) and the certificates and attributes around the content. */
const RECIPIENT_INFOS_BYTES_MAX = 1_048_576;
const SKIPPED_BYTES_MAX = 1_048_576;
const SMALL_BYTES_MAX = 1_024;
/** Deciphered in steps of this size, whatever pieces the content comes in. */
const STEP_BYTES = 65_536;

const ENVELOPED_DATA = encodeOid(OID.envelopedData);
const AUTH_ENVELOPED_DATA = encodeOid(OID.authEnvelopedData);

export interface OpenOptions {
  /** Source of the key that takes the place of one that cannot be decrypted. */
  readonly random: RandomBytes;
}

/** What was sealed, in pieces. To be read once; nothing in it may be believed before it has ended without an error. */
export interface OpenedContent extends AsyncIterable<Uint8Array> {
  /**
   * `true` once the end is reached and the content had integrity protection that holds (AuthEnvelopedData). Always
   * `false` for EnvelopedData: CBC lets others alter blocks unnoticed (EFAIL), so such content is unauthenticated text.
   */
  readonly isAuthenticated: boolean;
}

/**
 * Opens ContentInfo with EnvelopedData (RFC 5652) or AuthEnvelopedData (RFC 5083), DER or BER, streaming in constant
 * memory: AES-CBC with 128 to 256 bits, Triple DES, AES-GCM without authenticated attributes; content keys by RSA
 * PKCS#1 v1.5 or OAEP. Bytes after the structure are not read.
 *
 * Whatever is wrong (not CMS, no key of ours, an unknown algorithm, bad padding, a wrong tag, cut short) ends the stream
 * with `ERR_OPEN_FAILED` and one sentence. CBC padding and GCM's tag come last, so pieces may have come before that:
 * the reader must throw them away. Errors of `source` itself come through as they are.
 */
export function openEntity(
  source: AsyncIterable<Uint8Array>,
  keys: readonly OpenKey[],
  options: OpenOptions,
): OpenedContent {
  let isAuthenticated = false;
  return {
    get isAuthenticated() {
      return isAuthenticated;
    },
    async *[Symbol.asyncIterator]() {
      const bytes = new ByteSource(source);
      try {
        isAuthenticated = yield* open(new BerReader(bytes), keys, options);
      } catch (error) {
        if (error instanceof SourceFailed) throw error.cause;
        throw new CryptoError('ERR_OPEN_FAILED');
      } finally {
        await bytes.close();
      }
    },
  };
}

async function* open(
  reader: BerReader,
  keys: readonly OpenKey[],
  { random }: OpenOptions,
): AsyncGenerator<Uint8Array, boolean> {
  const root = await reader.root();
  if (root.tag !== TAG.sequence) throw new RangeError('not ContentInfo');
  const type = await reader.whole(await reader.expect(root, TAG.oid), SMALL_BYTES_MAX);
  const isAuthEnveloped = type.equals(AUTH_ENVELOPED_DATA);
  if (!isAuthEnveloped && !type.equals(ENVELOPED_DATA)) throw new RangeError('not encrypted content');
  const explicit = await reader.expect(root, TAG.context0);
  const enveloped = await reader.expect(explicit, TAG.sequence);
  await reader.whole(await reader.expect(enveloped, TAG.integer), SMALL_BYTES_MAX);
  const recipientInfos = await readRecipientInfos(reader, enveloped);

  const contentInfo = await reader.expect(enveloped, TAG.sequence);
  await reader.whole(await reader.expect(contentInfo, TAG.oid), SMALL_BYTES_MAX);
  const algorithmDer = await reader.whole(await reader.expect(contentInfo, TAG.sequence), SMALL_BYTES_MAX);
  const algorithm = readContentAlgorithm(algorithmDer, isAuthEnveloped);
  const key = findContentKey(recipientInfos, keys, algorithm.keyBytes, random);
  const decipher = algorithm.decipher(key);
  key.fill(0);

  const content = await reader.next(contentInfo);
  if (content?.tag !== TAG.context0Primitive && content?.tag !== TAG.context0) throw new RangeError('no content');
  for await (const piece of reader.octets(content)) {
    for (let at = 0; at < piece.length; at += STEP_BYTES) {
      const plain = decipher.update(piece.subarray(at, at + STEP_BYTES));
      if (plain.length > 0) yield plain;
    }
  }
  await reader.finish(contentInfo);
  if (isAuthEnveloped) await readTag(reader, enveloped, algorithm, decipher);
  await skipRest(reader, enveloped);
  await reader.finish(explicit);
  await reader.finish(root);
  const last = decipher.final();
  if (last.length > 0) yield last;
  return isAuthEnveloped;
}

/** `[0] OriginatorInfo` may stand in front of the SET. */
async function readRecipientInfos(reader: BerReader, enveloped: BerElement): Promise<Buffer> {
  let element = await reader.next(enveloped);
  if (element?.tag === TAG.context0) {
    await reader.whole(element, SKIPPED_BYTES_MAX);
    element = await reader.next(enveloped);
  }
  if (element?.tag !== TAG.set) throw new RangeError('no recipients');
  return reader.whole(element, RECIPIENT_INFOS_BYTES_MAX);
}

/** Authenticated attributes would have to be known before the content that they come after: not opened. */
async function readTag(
  reader: BerReader,
  enveloped: BerElement,
  algorithm: ContentAlgorithm,
  decipher: ContentDecipher,
): Promise<void> {
  const element = await reader.next(enveloped);
  if (element?.tag !== TAG.octetString && element?.tag !== TAG.octetStringConstructed) throw new RangeError('no tag');
  const tag = await reader.whole(element, SMALL_BYTES_MAX);
  if (tag.length !== algorithm.tagBytes + 2) throw new RangeError('a tag of another length');
  decipher.setAuthTag(tag.subarray(2));
}

/** Unprotected attributes, which nothing here uses. */
async function skipRest(reader: BerReader, enveloped: BerElement): Promise<void> {
  const attributes = await reader.next(enveloped);
  if (attributes === undefined) return;
  if (attributes.tag !== TAG.context1 && attributes.tag !== TAG.context2)
    throw new RangeError('another element was expected');
  await reader.whole(attributes, SKIPPED_BYTES_MAX);
  await reader.finish(enveloped);
}
