import { createHmac, timingSafeEqual } from 'node:crypto';
import { normalizeAddress, type Secret } from '#lib/core';
import { FormMalformed, gatherText, type TakeField } from './form-field.js';
import { readMultipart } from './multipart-form.js';
import type { Provider, ProviderConnector, ProviderOutcome, ProviderRefusal, ProviderRequest } from './provider.js';
import { isPlain, mediaTypeOf } from './request-headers.js';
import { spool, SpoolTooLarge, type Spooled } from './spool.js';
import { readUrlencoded } from './urlencoded-form.js';

const ACCEPTED = 200;
/** "Never again"; after anything else it tries for eight hours. */
const NEVER_AGAIN = 406;
const REFUSED: Readonly<Record<ProviderRefusal, number>> = {
  ERR_WEBHOOK_SIGNATURE: NEVER_AGAIN,
  ERR_WEBHOOK_STALE: NEVER_AGAIN,
  ERR_WEBHOOK_REPLAYED: NEVER_AGAIN,
  ERR_WEBHOOK_MALFORMED: NEVER_AGAIN,
  ERR_WEBHOOK_TYPE: NEVER_AGAIN,
  ERR_WEBHOOK_TOO_LARGE: NEVER_AGAIN,
};
const KEY_BYTES = 16;
/** Mailgun does not say whether a retry is signed anew; its last one comes after 8 h. */
const AGE_S_MAX = 9 * 60 * 60;
const AHEAD_S_MAX = 5 * 60;
const FIELD_BYTES_MAX = 64 * 1024;
const RECIPIENTS_MAX = 1000;
/** Fields besides the message. */
const EXTRA_BYTES = 1 << 20;
/** Of a byte that is percent-encoded. */
const CODED_BYTES = 3;

/**
 * Mailgun's routes in their raw form: `forward("https://…/mime")` posts a form with the message in `body-mime`. Its
 * signature covers a time and a token, not the message; the token makes a repeat harmless.
 */
export const mailgun: Provider = {
  name: 'mailgun',
  answers: { accepted: ACCEPTED, refused: REFUSED },
  bodyBytesMax: (messageSizeBytesMax) => CODED_BYTES * messageSizeBytesMax + EXTRA_BYTES,
  newSecret: (random) => Buffer.from(random(KEY_BYTES)).toString('hex'),
  secretRule: 'must be the webhook signing key of Mailgun: 8 to 200 printable characters without spaces',
  parseSecret: (text) => (/^[\x21-\x7e]{8,200}$/.test(text) ? Buffer.from(text) : undefined),
  receive,
};

const SHORT_FIELDS = ['recipient', 'sender', 'timestamp', 'token', 'signature'] as const;
type ShortField = (typeof SHORT_FIELDS)[number];

interface Form {
  /** The last value of each: fields of the message's own header may stand in front, under these names. */
  readonly fields: Map<ShortField, string>;
  message: Spooled | undefined;
}

async function receive(request: ProviderRequest, connector: ProviderConnector): Promise<ProviderOutcome> {
  const form: Form = { fields: new Map(), message: undefined };
  const outcome = await readOutcome(request, connector, form).catch(async (error: unknown) => {
    await form.message?.discard();
    if (error instanceof SpoolTooLarge) return refused('ERR_WEBHOOK_TOO_LARGE');
    if (error instanceof FormMalformed) return refused('ERR_WEBHOOK_MALFORMED');
    throw error;
  });
  if (outcome.kind !== 'message') await form.message?.discard();
  return outcome;
}

async function readOutcome(
  request: ProviderRequest,
  connector: ProviderConnector,
  form: Form,
): Promise<ProviderOutcome> {
  const type = mediaTypeOf(request);
  if (type === undefined || !isPlain(request)) return refused('ERR_WEBHOOK_TYPE');
  const take = takeInto(form, connector.messageSizeBytesMax);
  if (type.type === 'multipart/form-data') await readMultipart(request.body, type.value, take);
  else if (type.type === 'application/x-www-form-urlencoded') await readUrlencoded(request.body, take);
  else return refused('ERR_WEBHOOK_TYPE');
  const problem = checkSignature(form.fields, connector);
  if (problem !== undefined) return refused(problem);
  const { fields, message } = form;
  const mailFrom = senderOf(fields.get('sender'));
  const rcptTo = recipientsOf(fields.get('recipient') ?? '');
  if (message === undefined || mailFrom === undefined || rcptTo === undefined) return refused('ERR_WEBHOOK_MALFORMED');
  const eventId = fields.get('token') ?? '';
  return { kind: 'message', mailFrom, rcptTo, raw: message.read(), discard: message.discard, eventId };
}

function takeInto(form: Form, sizeBytesMax: number): TakeField {
  const short = new Set<string>(SHORT_FIELDS);
  return async (name, value) => {
    if (name === 'body-mime') {
      await form.message?.discard();
      form.message = await spool(value, sizeBytesMax);
    } else if (short.has(name)) {
      form.fields.set(name as ShortField, await gatherText(value, FIELD_BYTES_MAX));
    }
  };
}

function checkSignature(
  fields: ReadonlyMap<ShortField, string>,
  { secret, nowMs }: { readonly secret: Secret<Uint8Array>; readonly nowMs: number },
): ProviderRefusal | undefined {
  const timestamp = fields.get('timestamp') ?? '';
  const token = fields.get('token') ?? '';
  // They are signed run together: with a fixed length nothing can move from one to the other.
  if (!/^\d{10}$/.test(timestamp) || !/^[\x21-\x7e]{1,200}$/.test(token)) return 'ERR_WEBHOOK_SIGNATURE';
  const expected = Buffer.from(
    createHmac('sha256', secret.reveal())
      .update(timestamp + token)
      .digest('hex'),
  );
  const given = Buffer.from(fields.get('signature') ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'ERR_WEBHOOK_SIGNATURE';
  const ageS = nowMs / 1000 - Number(timestamp);
  return ageS > AGE_S_MAX || ageS < -AHEAD_S_MAX ? 'ERR_WEBHOOK_STALE' : undefined;
}

function senderOf(text: string | undefined): string | undefined {
  return text === '' || text === '<>' ? '' : normalizeAddress(text ?? '');
}

/** One address as a rule; the field may hold several with commas between them. */
function recipientsOf(text: string): readonly string[] | undefined {
  const parts = normalizeAddress(text) === undefined ? text.split(',').map((part) => part.trim()) : [text];
  const addresses = parts.flatMap((part) => normalizeAddress(part) ?? []);
  return addresses.length === parts.length && parts.length <= RECIPIENTS_MAX ? [...new Set(addresses)] : undefined;
}

function refused(code: ProviderRefusal): ProviderOutcome {
  return { kind: 'refused', status: REFUSED[code], code };
}
