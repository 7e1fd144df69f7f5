import { Base64Lines, base64LinesSize } from './base64-lines.js';
import { sealEntity, type SealInput, type SealedContent } from './seal-entity.js';

const EMPTY = Buffer.alloc(0);

/** The content header of a sealed message (RFC 8551 section 3.3), with the empty line that ends a header. */
const HEADER = Buffer.from(
  [
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data;',
    ' name="smime.p7m"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="smime.p7m"',
    '',
    '',
  ].join('\r\n'),
);

/**
 * Seals an entity as a MIME entity of its own: content header, empty line, base64 in lines of 76 characters with CRLF.
 * The outer fields of a message (From, To, MIME-Version, …) go directly in front of it. Streams as {@link sealEntity}
 * does, with the same errors; the size is known before.
 */
export function sealMessage(input: SealInput): SealedContent {
  const sealed = sealEntity(input);
  return { sizeBytes: HEADER.length + base64LinesSize(sealed.sizeBytes), stream: encode(sealed.stream) };
}

async function* encode(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const lines = new Base64Lines();
  let head = HEADER;
  for await (const piece of source) {
    const text = lines.push(piece);
    if (text.length === 0) continue;
    yield head.length === 0 ? text : Buffer.concat([head, text]);
    head = EMPTY;
  }
  yield Buffer.concat([head, lines.end()]);
}
