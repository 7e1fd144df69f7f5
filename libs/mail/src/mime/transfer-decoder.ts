import { Base64Decoder } from './base64-decoder.js';
import type { ByteSink, TransferDecoder } from './byte-sink.js';
import { QuotedPrintableDecoder } from './quoted-printable-decoder.js';
import { UuDecoder } from './uu-decoder.js';

/** Whether the encoding is one that leaves bytes as they are: 7bit, 8bit, binary, absent, or one that nobody knows. */
export function isIdentity(encoding: string): boolean {
  return !/^(?:base64|quoted-printable|x-?uu|uuencode)/.test(encoding);
}

/** The decoder for a Content-Transfer-Encoding in lower case. What nobody knows is read as it stands. */
export function transferDecoder(encoding: string, sink: ByteSink, isText = false): TransferDecoder {
  if (encoding.startsWith('base64')) return new Base64Decoder(sink);
  if (encoding.startsWith('quoted-printable')) return new QuotedPrintableDecoder(sink);
  if (!isIdentity(encoding)) return new UuDecoder(sink, isText);
  return {
    push: (bytes) => {
      if (sink.isHungry) sink.push(bytes);
      else sink.skip(bytes.length);
    },
    end: () => {
      sink.end();
    },
  };
}
