import { MailError } from '../errors.js';
import { defaultMailLimits, type MailLimits } from '../parsed-mail.js';
import { HeaderBlock } from './header-block.js';
import { findHeaderEnd } from './raw-fields.js';

export interface SplitMessage {
  readonly header: HeaderBlock;
  /** Everything behind the empty line; the rest of the source, to be read once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Cuts a message at its first empty line (contract: whatever stands above it is header; without one all is header).
 * Only the header is held. Throws `ERR_MAIL_HEADER_TOO_LARGE`, `ERR_MAIL_TOO_MANY_FIELDS`, and what the source throws.
 */
export async function splitMessage(
  source: AsyncIterable<Uint8Array>,
  limits: Pick<MailLimits, 'headerSizeBytesMax' | 'headerFieldsMax'> = defaultMailLimits,
): Promise<SplitMessage> {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let scanned = 0;
  try {
    for (;;) {
      const next = await iterator.next();
      const isDone = next.done === true;
      if (!isDone) held = appended(held, next.value);
      const found = findHeaderEnd(held, scanned);
      const end = found.end < 0 && isDone ? held.length : found.end;
      if ((end < 0 ? held.length : end) > limits.headerSizeBytesMax) {
        throw new MailError('ERR_MAIL_HEADER_TOO_LARGE', { limit: 'headerSizeBytesMax' });
      }
      if (end >= 0) {
        const header = HeaderBlock.parse(held.subarray(0, end), limits.headerFieldsMax);
        return { header, body: restOf(held.subarray(end), iterator, isDone) };
      }
      scanned = found.scanned;
    }
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

function appended(held: Buffer, chunk: Uint8Array): Buffer {
  if (held.length > 0) return Buffer.concat([held, chunk]);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

async function* restOf(
  first: Buffer,
  iterator: AsyncIterator<Uint8Array>,
  isDone: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (first.length > 0) yield first;
    while (!isDone) {
      const next = await iterator.next();
      if (next.done === true) break;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
