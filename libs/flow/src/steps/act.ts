import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { RandomBytes, Secret } from '#lib/core';
import { sealMessage } from '#lib/crypto';
import {
  applyEdits,
  entityHeader,
  HeaderBlock,
  headerDigest,
  hideSubject,
  splitMessage,
  type ParsedMail,
} from '#lib/mail';

import { collect, concat, skip } from '../byte-streams.js';
import { FlowError } from '../errors.js';
import { ID_HEADER, LOOP_HEADER, type LoopMarks } from '../loop-mark.js';
import type {
  Accepted,
  Clear,
  ClearGroup,
  Outgoing,
  PlanGroup,
  PlannedRecipient,
  Sealed,
  SealedGroup,
} from '../message.js';
import type { BlobStore, DeferredDelivery } from '../ports.js';
import { receivedLine } from '../received-line.js';
import { receivedMarks } from './parse.js';
import { CUT_LIMITS } from './read-unjudged.js';

/** Sealed copies up to this size are put together in memory; larger ones in the blob store. */
const WHOLE_BYTES_MAX = 1 << 20;
/** RFC 9788 calls for a constant; this one says more than its `[...]`. */
export const HIDDEN_SUBJECT = 'Encrypted message';

export interface ActSource {
  readonly accepted: Accepted;
  readonly mail: ParsedMail;
  readonly marks: LoopMarks;
  /** The received bytes, each time from the start. */
  readonly openRaw: () => AsyncIterable<Uint8Array>;
}

export interface ActContext extends ActSource {
  readonly blobs: BlobStore;
  readonly random: RandomBytes;
  /** In the `Received` line. */
  readonly hostName: string;
  readonly dataKey: Secret<Uint8Array>;
  /** DER of the certificate to seal to, by address. */
  readonly certificates: ReadonlyMap<string, Uint8Array>;
  /** Of {@link readBareHeader}. */
  readonly header: HeaderBlock;
  /** How much of what is made for this message may wait in memory; the rest is read again when it leaves. */
  readonly memory: { bytesLeft: number };
}

/** The received header without `Bcc` and `Resent-Bcc`, and without loop marks that are not ours or belong to other mail. */
export async function readBareHeader({ accepted, mail, marks, openRaw }: ActSource): Promise<HeaderBlock> {
  // Nothing was cut off: what header there is stands in the body.
  if (mail.headerSizeBytes === 0) return new HeaderBlock([], new Uint8Array());
  // The body is not wanted; ending it would not end the source, which has begun while it has not.
  const source = openRaw()[Symbol.asyncIterator]();
  const { header } = await splitMessage({ [Symbol.asyncIterator]: () => source }, CUT_LIMITS);
  await source.return?.();
  const bare = header.without('Bcc', 'Resent-Bcc');
  const valid = marks.validOf(mail.loopMarks, receivedMarks(accepted, mail));
  if (valid.length === mail.loopMarks.length) return bare;
  return bare.without(LOOP_HEADER).prepend(valid.map((value) => ({ name: LOOP_HEADER, value })));
}

/**
 * Makes the bytes of one group. A clear copy is the received message with our lines on top, without `Bcc`, with the
 * edits of rules, the body untouched. A sealed copy lies in the blob store, whole, before this returns.
 * Errors: those of the blob store, of sealing, `ERR_KEY_MISSING`, `ERR_MAIL_STRAY_LINES`. Nothing may leave for this group then.
 */
export async function act(context: ActContext, group: PlanGroup): Promise<Outgoing> {
  return group.protection === 'none' ? makeClear(context, group) : await makeSealed(context, group);
}

/** A delivery that is tried again: the bytes of the first time. */
export function reopen(
  context: Pick<ActContext, 'blobs' | 'accepted' | 'dataKey'>,
  delivery: DeferredDelivery,
  recipients: readonly PlannedRecipient[],
): Outgoing {
  const { accepted, blobs, dataKey } = context;
  const base = {
    ...identity(accepted, delivery.id, recipients),
    open: () => blobs.read(dataKey, delivery.blob),
    sizeBytes: delivery.sizeBytes,
    has8bit: delivery.has8bit,
    blob: delivery.blob,
  };
  return delivery.protection === 'smime'
    ? made<Sealed>({ ...base, protection: 'smime' })
    : made<Clear>({ ...base, protection: 'none' });
}

/** Everything that this step made. What is not in it does not leave. */
const MADE = new WeakSet<Outgoing>();

/** The only place where a `Sealed` or a `Clear` comes to be. */
function made<T extends Outgoing>(parts: Pick<T, Exclude<keyof T, symbol>>): T {
  const outgoing = parts as T;
  MADE.add(outgoing);
  return outgoing;
}

/** Refuses what did not come from this step. Error: `ERR_OUTGOING_FOREIGN` (bug). */
export function assertMade(outgoing: Outgoing): void {
  if (!MADE.has(outgoing)) throw new FlowError('ERR_OUTGOING_FOREIGN');
}

function makeClear(context: ActContext, group: ClearGroup): Clear {
  const { accepted, mail } = context;
  const makeHead = (): Uint8Array => withTop(context, group, applyEdits(context.header, group.edits), mail.bodySha256);
  const { sizeBytes, isAscii } = measured(makeHead());
  return made<Clear>({
    ...identity(accepted, group.deliveryId, group.recipients),
    protection: 'none',
    open: () => concat(makeHead(), bodyOf(context)),
    sizeBytes: sizeBytes + bodySizeOf(mail),
    has8bit: mail.has8bit || !isAscii,
    blob: null,
  });
}

function measured(bytes: Uint8Array): { sizeBytes: number; isAscii: boolean } {
  return { sizeBytes: bytes.length, isAscii: isAscii(bytes) };
}

/**
 * The loop mark on top holds a digest of the body, which is known only when all is sealed. So a copy of up to 1 MiB is
 * gathered in memory; of a larger one the body goes to the blob store first and is read back behind the header.
 */
async function makeSealed(context: ActContext, group: SealedGroup): Promise<Sealed> {
  const { accepted, mail, blobs, dataKey } = context;
  const edited = applyEdits(context.header, group.edits);
  const { inner, outer } = entityHeader(edited);
  const innerBytes = inner.toBytes();
  const sealed = sealMessage({
    entity: concat(innerBytes, bodyOf(context)),
    entitySizeBytes: innerBytes.length + bodySizeOf(mail),
    certificates: certificatesOf(context, group),
    random: context.random,
  });
  const subjects = [...context.header.get('Subject'), ...edited.get('Subject')];
  const shown = group.subject === 'hide' ? hideSubject(outer, subjects, HIDDEN_SUBJECT) : outer;
  const { header: content, body } = await splitMessage(sealed.stream);
  const headFor = (bodySha256: string): Uint8Array =>
    withTop(context, group, new HeaderBlock([...shown.fields, ...content.fields], content.end), bodySha256);
  const isWhole = sealed.sizeBytes <= WHOLE_BYTES_MAX;
  let head: Uint8Array;
  let open: () => AsyncIterable<Uint8Array>;
  if (isWhole) {
    const bytes = await collect(body);
    head = headFor(createHash('sha256').update(bytes).digest('hex'));
    const whole = Buffer.concat([head, bytes]);
    open = () => concat(whole);
  } else {
    const written = await blobs.write(dataKey, body);
    head = headFor(written.sha256);
    const large = head;
    open = () => concat(large, blobs.read(dataKey, written.ref));
  }
  const { ref: blob, sizeBytes } = await blobs.write(dataKey, open());
  return made<Sealed>({
    ...identity(accepted, group.deliveryId, group.recipients),
    protection: 'smime',
    open: isWhole && isKept(context, sizeBytes) ? open : () => blobs.read(dataKey, blob),
    sizeBytes,
    has8bit: !isAscii(head),
    blob,
  });
}

function isKept({ memory }: ActContext, sizeBytes: number): boolean {
  if (sizeBytes > memory.bytesLeft) return false;
  memory.bytesLeft -= sizeBytes;
  return true;
}

function identity(
  accepted: Accepted,
  deliveryId: string,
  recipients: readonly PlannedRecipient[],
): Pick<Outgoing, 'deliveryId' | 'messageId' | 'organizationId' | 'mailFrom' | 'recipients'> {
  const { id: messageId, organizationId, envelope } = accepted;
  return { deliveryId, messageId, organizationId, mailFrom: envelope.mailFrom, recipients };
}

function certificatesOf(context: ActContext, group: SealedGroup): Uint8Array[] {
  return group.recipients.map(({ address }) => {
    const certificate = context.certificates.get(address);
    if (certificate === undefined) throw new FlowError('ERR_KEY_MISSING');
    return certificate;
  });
}

/**
 * The header that leaves, with our lines on top. `Received` is the last of them: a first line of the message that begins
 * with white space would go on with it, and not with what we look for in mail that comes back.
 */
function withTop(
  { accepted, hostName, marks }: ActContext,
  group: PlanGroup,
  header: HeaderBlock,
  bodySha256: string,
): Uint8Array {
  const { id } = accepted;
  const recipients = group.recipients.map((recipient) => recipient.address);
  const headerSha256 = headerDigest(asReadBelow(header));
  const mark = marks.write({ id, recipients, bodySha256, headerSha256, acceptedAt: new Date(accepted.receivedAt) });
  const lines = [
    { name: ID_HEADER, value: id },
    { name: LOOP_HEADER, value: mark },
    { name: 'Received', value: receivedLine(accepted, hostName) },
  ];
  return header.prepend(lines).toBytes();
}

/** The header as it is read below a line of ours: a first line that begins with white space is none of its own there. */
function asReadBelow(header: HeaderBlock): HeaderBlock {
  const [first, ...others] = header.fields;
  const byte = first?.raw[0];
  return byte === 0x20 || byte === 0x09 ? new HeaderBlock(others, header.end) : header;
}

function bodySizeOf(mail: ParsedMail): number {
  return mail.sizeBytes - mail.headerSizeBytes;
}

function bodyOf({ mail, openRaw }: ActSource): AsyncIterable<Uint8Array> {
  return skip(openRaw(), mail.headerSizeBytes);
}
