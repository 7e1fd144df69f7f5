import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  defaultMailLimits,
  headerDigest,
  MailError,
  parseMail,
  splitMessage,
  type MailLimits,
  type ParsedMail,
} from '#lib/mail';
import { concat } from '../byte-streams.js';
import { withoutBcc } from '../without-bcc.js';

/** Of a header that is only cut into its fields: several times what is read. */
export const CUT_LIMITS: MailLimits = {
  ...defaultMailLimits,
  headerSizeBytesMax: 8 << 20,
  headerFieldsMax: 20_000,
};

/** A message as far as it is read to be passed on, and the bytes that this was read from. */
export interface Unjudged {
  readonly mail: ParsedMail;
  readonly openRaw: () => AsyncIterable<Uint8Array>;
}

/**
 * What must be known to pass a message on whose content nobody reads: where its header ends, our marks in it, a digest of
 * the body. Who stands in the header is not said, nor what it says of the body. Where even cutting the header takes too
 * much, all of it is body, without the fields that must not leave. Errors: what the source throws.
 */
export async function readUnjudged(openRaw: () => AsyncIterable<Uint8Array>): Promise<Unjudged> {
  try {
    return { mail: await readCut(openRaw()), openRaw };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
  }
  const openUncut = (): AsyncIterable<Uint8Array> => withoutBcc(openRaw());
  const nothing = await parseMail(concat(new Uint8Array()), CUT_LIMITS);
  return { mail: { ...nothing, ...(await measured(openUncut())) }, openRaw: openUncut };
}

async function readCut(source: AsyncIterable<Uint8Array>): Promise<ParsedMail> {
  const { header, body } = await splitMessage(source, CUT_LIMITS);
  const bytes = header.toBytes();
  const mail = await parseMail(concat(header.without('From', 'To', 'Cc', 'Content-Type').toBytes()), CUT_LIMITS);
  const { sizeBytes, bodySha256, has8bit } = await measured(body);
  return {
    ...mail,
    headerSizeBytes: bytes.length,
    sizeBytes: bytes.length + sizeBytes,
    bodySha256,
    headerSha256: headerDigest(header),
    has8bit: has8bit || !isAscii(bytes),
  };
}

async function measured(
  body: AsyncIterable<Uint8Array>,
): Promise<Pick<ParsedMail, 'sizeBytes' | 'bodySha256' | 'has8bit'>> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let has8bit = false;
  for await (const chunk of body) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    has8bit ||= !isAscii(chunk);
  }
  return { sizeBytes, bodySha256: hash.digest('hex'), has8bit };
}
