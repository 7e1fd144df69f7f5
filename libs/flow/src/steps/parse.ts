import { defaultMailLimits, parseMail, type MailLimits, type ParsedMail } from '#lib/mail';
import { mailWants } from '../mail-wants.js';
import { FlowError } from '../errors.js';
import { LoopMarks, type ReceivedMarks } from '../loop-mark.js';
import { brand, type Accepted, type Parsed } from '../message.js';
import type { JudgeRequest } from '../ports.js';

/** More `Received` lines than this, and the message is held. */
const RECEIVED_MAX = 50;

/**
 * Bytes become what the line knows of a message, once, with limits. Errors, each of which holds the message: those of
 * `parseMail`, `ERR_LOOP_HOPS`, `ERR_LOOP_MARK_TWICE`.
 */
export async function parse(
  request: Pick<JudgeRequest, 'accepted' | 'loopSecret' | 'ruleSet'>,
  raw: AsyncIterable<Uint8Array>,
  limits: MailLimits = defaultMailLimits,
): Promise<Parsed> {
  const { accepted } = request;
  const mail = await parseMail(raw, limits, mailWants(request.ruleSet.content));
  if (mail.receivedCount > RECEIVED_MAX) {
    throw new FlowError('ERR_LOOP_HOPS', { detail: { received: mail.receivedCount } });
  }
  const { length: valid } = new LoopMarks(request.loopSecret).validOf(mail.loopMarks, receivedMarks(accepted, mail));
  if (mail.loopMarks.length === 0 || valid === 0 || !accepted.connection.isTrustedNetwork) {
    return brand<Parsed>({ accepted, mail, loop: mail.loopMarks.length === 0 ? 'none' : 'invalid' });
  }
  if (valid > 1) throw new FlowError('ERR_LOOP_MARK_TWICE');
  return brand<Parsed>({ accepted, mail, loop: 'ours' });
}

/** What a mark must stand for to be one of the transmission that brought the message. */
export function receivedMarks(accepted: Accepted, mail: ParsedMail): ReceivedMarks {
  const { loopIds: ids, bodySha256, headerSha256 } = mail;
  const envelope = accepted.recipients.filter((recipient) => recipient.origin === 'envelope');
  const recipients = envelope.map((recipient) => recipient.address);
  return { ids, recipients, bodySha256, headerSha256, receivedAt: new Date(accepted.receivedAt) };
}
