import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parseAddresses } from './address/parse-addresses.js';
import { Looker } from './content/look-into.js';
import { LookBudget } from './content/look-budget.js';
import { describeAll } from './describe-attachments.js';
import { decodedValue, isUnreadable, unfoldedValue } from './header/decode-value.js';
import { declaredCharsets } from './header/declared-charsets.js';
import { HeaderBlock } from './header/header-block.js';
import { headerDigest } from './header/header-digest.js';
import { strayLines } from './header/stray-lines.js';
import { importanceOf } from './importance.js';
import { messageTypes } from './message-types.js';
import { EntityWalker } from './mime/entity-walker.js';
import { MailCollector } from './mime/mail-collector.js';
import { ParseBudget } from './mime/parse-budget.js';
import { EVERYTHING, type Mailbox, type MailLimits, type MailWants, type ParsedMail } from './parsed-mail.js';

/**
 * Reads what rules may ask of a message (RFC 5322, MIME of RFC 2045 to 2049, 2047, 2231) from its bytes, in one pass.
 * Any bytes are a message: what is malformed is read as careful programs read it, so that nothing a recipient may see
 * stays hidden. Held are headers, texts and the first bytes of attachments; attachments themselves only pass by, unless
 * what lies in them is wanted: then archives and documents are held, up to a limit.
 * Throws a {@link MailError} that names the limit where one is exceeded, and what the source throws.
 */
export async function parseMail(
  source: AsyncIterable<Uint8Array>,
  limits: MailLimits,
  wants: MailWants = EVERYTHING,
): Promise<ParsedMail> {
  const budget = new ParseBudget(limits);
  const lookBudget = new LookBudget(limits);
  const collector = new MailCollector(budget, lookBudget, wants);
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
    charsets: declaredCharsets(collector.charsets, header.fields, limits.charsetsMax),
    links: linksOf(collector),
    attachments: await describeAll(collector.attachments, new Looker(lookBudget, wants), wants),
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

/** The links of attributes, and of all texts. */
function linksOf({ links, texts }: MailCollector): ParsedMail['links'] {
  if (links === undefined) return null;
  for (const text of texts) links.addText(text);
  return links.isOver ? 'ERR_MAIL_TOO_MANY_LINKS' : { domains: links.domains, count: links.count };
}
