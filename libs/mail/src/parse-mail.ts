import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parseAddresses } from './address/parse-addresses.js';
import { attachmentType } from './attachment-type.js';
import { decodedValue, isUnreadable, unfoldedValue } from './header/decode-value.js';
import { HeaderBlock } from './header/header-block.js';
import { headerDigest } from './header/header-digest.js';
import { strayLines } from './header/stray-lines.js';
import { importanceOf } from './importance.js';
import { messageTypes } from './message-types.js';
import { EntityWalker } from './mime/entity-walker.js';
import { MailCollector, type RawAttachment } from './mime/mail-collector.js';
import { ParseBudget } from './mime/parse-budget.js';
import type { Attachment, Mailbox, MailLimits, ParsedMail } from './parsed-mail.js';

/**
 * Reads what rules may ask of a message (RFC 5322, MIME of RFC 2045 to 2049, 2047, 2231) from its bytes, in one pass.
 * Any bytes are a message: what is malformed is read as careful programs read it, so that nothing a recipient may see
 * stays hidden. Held are headers, texts and the first bytes of attachments; attachments themselves only pass by.
 * Throws a {@link MailError} that names the limit where one is exceeded, and what the source throws.
 */
export async function parseMail(source: AsyncIterable<Uint8Array>, limits: MailLimits): Promise<ParsedMail> {
  const budget = new ParseBudget(limits);
  const collector = new MailCollector(budget);
  const walker = new EntityWalker(collector, budget);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let has8bit = false;
  for await (const chunk of source) {
    walker.push(chunk);
    has8bit ||= !isAscii(chunk);
    if (collector.fields !== undefined) {
      const inHeader = collector.headerSizeBytes - sizeBytes;
      hash.update(inHeader > 0 ? chunk.subarray(inHeader) : chunk);
    }
    sizeBytes += chunk.length;
  }
  walker.end();
  const header = new HeaderBlock(collector.fields ?? []);
  return {
    ...readHeader(header, limits),
    body: collector.texts.join('\n'),
    gaps: collector.gaps,
    attachments: await describeAll(collector.attachments),
    hasUnreadableNames: collector.attachments.some(({ part }) => part.hasUnreadableName),
    types: messageTypes(header, collector.seen),
    importance: importanceOf(header),
    headerSizeBytes: collector.headerSizeBytes,
    sizeBytes,
    bodySha256: hash.digest('hex'),
    headerSha256: headerDigest(header),
    hasStrayLines: strayLines(header.fields).length > 0,
    has8bit,
  };
}

type FromHeader = Pick<
  ParsedMail,
  | 'headers'
  | 'unreadableFields'
  | 'subject'
  | 'from'
  | 'to'
  | 'cc'
  | 'messageId'
  | 'date'
  | 'receivedCount'
  | 'loopMarks'
  | 'loopIds'
>;

function readHeader(header: HeaderBlock, limits: MailLimits): FromHeader {
  let addressesLeft = limits.addressesMax;
  const mailboxes = (name: string): Mailbox[] =>
    header.getRaw(name).flatMap((value) => {
      const found = parseAddresses(value, addressesLeft);
      addressesLeft -= found.length;
      return found;
    });
  const named = header.fields.filter((field) => field.name !== '');
  return {
    headers: named.map((field) => ({ name: field.name, value: decodedValue(field) })),
    unreadableFields: [...new Set(named.filter(isUnreadable).map((field) => field.name.toLowerCase()))],
    subject: header.get('Subject')[0],
    from: mailboxes('From'),
    to: mailboxes('To'),
    cc: mailboxes('Cc'),
    messageId: header.getRaw('Message-ID')[0],
    date: header.getRaw('Date')[0],
    receivedCount: named.filter((field) => field.name.toLowerCase() === 'received').length,
    loopMarks: named.filter((field) => field.name.toLowerCase() === 'x-sealflow-loop').map(unfoldedValue),
    loopIds: named.filter((field) => field.name.toLowerCase() === 'x-sealflow-id').map(unfoldedValue),
  };
}

/** What is not seen (white space at the end, format characters such as a turn of direction anywhere) hides no extension. */
function extensionOf(name: string): string {
  const seen = name.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu, '').slice(-200);
  return /\.([^.\s/\\]{1,64})[.\s]*$/.exec(seen)?.[1]?.toLowerCase() ?? '';
}

/** One after the other: looking into some types takes hundreds of kilobytes. */
async function describeAll(all: readonly RawAttachment[]): Promise<Attachment[]> {
  const described: Attachment[] = [];
  for (const one of all) described.push(await describe(one));
  return described;
}

async function describe({ part, sample, signedSample, sizeBytes }: RawAttachment): Promise<Attachment> {
  return {
    names: part.names,
    extensions: [...new Set(part.names.map(extensionOf).filter((extension) => extension !== ''))],
    type: await attachmentType(signedSample ?? sample, part.type),
    sizeBytes,
    isInline: part.disposition === 'inline' || (part.disposition === '' && part.hasContentId),
  };
}
