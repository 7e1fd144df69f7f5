import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { defaultMailLimits, headerDigest, parseMail, splitMessage, type MailLimits, type ParsedMail } from '#lib/mail';
import { concat } from '../byte-streams.js';

/** Of a header that is only cut into its fields: several times what is read. */
export const CUT_LIMITS: MailLimits = {
  ...defaultMailLimits,
  headerSizeBytesMax: 8 << 20,
  headerFieldsMax: 20_000,
};

/**
 * What must be known to pass a message on whose content nobody reads: where its header ends, our marks in it, a digest of
 * the body. Who stands in the header is not said, nor what it says of the body. Errors: `ERR_MAIL_HEADER_TOO_LARGE`, `ERR_MAIL_TOO_MANY_FIELDS` where
 * even cutting it takes too much, and what the source throws.
 */
export async function readUnjudged(source: AsyncIterable<Uint8Array>): Promise<ParsedMail> {
  const { header, body } = await splitMessage(source, CUT_LIMITS);
  const bytes = header.toBytes();
  const mail = await parseMail(concat(header.without('From', 'To', 'Cc', 'Content-Type').toBytes()), CUT_LIMITS);
  const hash = createHash('sha256');
  let bodySizeBytes = 0;
  let has8bit = !isAscii(bytes);
  for await (const chunk of body) {
    hash.update(chunk);
    bodySizeBytes += chunk.length;
    has8bit ||= !isAscii(chunk);
  }
  const headerSizeBytes = bytes.length;
  const bodySha256 = hash.digest('hex');
  const headerSha256 = headerDigest(header);
  return { ...mail, headerSizeBytes, sizeBytes: headerSizeBytes + bodySizeBytes, bodySha256, headerSha256, has8bit };
}
