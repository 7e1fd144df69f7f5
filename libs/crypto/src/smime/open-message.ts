import { CryptoError } from '../errors.js';
import { Base64Decoder } from './base64-decoder.js';
import { ByteSource, SourceFailed } from './byte-source.js';
import type { OpenKey } from './content-key.js';
import { openEntity, type OpenOptions, type OpenedContent } from './open-entity.js';

const HEADER_BYTES_MAX = 262_144;
const PIECE_BYTES = 65_536;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Opens a message or MIME entity that is sealed as a whole (RFC 8551 section 3.3): `application/pkcs7-mime` in base64 or
 * binary, CRLF or LF. Streams, with the errors and the warning of {@link openEntity}; anything else than such an entity
 * (a multipart around it, say) is `ERR_OPEN_FAILED` too: sealed and foreign parts are never mixed.
 */
export function openMessage(
  source: AsyncIterable<Uint8Array>,
  keys: readonly OpenKey[],
  options: OpenOptions,
): OpenedContent {
  return openEntity(decode(source), keys, options);
}

async function* decode(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = new ByteSource(source);
  try {
    const header = await readHeader(bytes);
    const type = fieldOf(header, 'content-type');
    if (!/^application\/(?:x-)?pkcs7-mime(?:[\s;]|$)/i.test(type)) throw new CryptoError('ERR_OPEN_FAILED');
    const encoding = fieldOf(header, 'content-transfer-encoding').toLowerCase();
    const decoder = encoding === 'base64' ? new Base64Decoder() : undefined;
    for (;;) {
      const piece = await bytes.piece(PIECE_BYTES);
      if (piece === undefined) break;
      yield decoder?.push(piece) ?? piece;
    }
    if (decoder !== undefined) yield decoder.end();
  } catch (error) {
    throw error instanceof SourceFailed ? error.cause : error;
  } finally {
    await bytes.close();
  }
}

/** The header, up to and including its empty line, as text in lines of LF. */
async function readHeader(bytes: ByteSource): Promise<string> {
  const header: number[] = [];
  for (let byte = await bytes.next(); byte !== undefined; byte = await bytes.next()) {
    if (byte === CR) continue;
    if (byte === LF && (header.length === 0 || header.at(-1) === LF)) return Buffer.from(header).toString('latin1');
    header.push(byte);
    if (header.length > HEADER_BYTES_MAX) break;
  }
  throw new CryptoError('ERR_OPEN_FAILED');
}

/** Value of the first field of that name, unfolded; empty if there is none. */
function fieldOf(header: string, name: string): string {
  const lines = header.replace(/\n[ \t]+/g, ' ').split('\n');
  const prefix = `${name}:`;
  return (
    lines
      .find((line) => line.toLowerCase().startsWith(prefix))
      ?.slice(prefix.length)
      .trim() ?? ''
  );
}
