import { createHmac, timingSafeEqual } from 'node:crypto';
import { normalizeAddress } from '#lib/core';
import { Base64Stream } from './base64-stream.js';
import { JsonScanner, type Scanned } from './json-scanner.js';
import type { Provider, ProviderConnector, ProviderOutcome, ProviderRefusal, ProviderRequest } from './provider.js';
import { isPlain, mediaTypeOf } from './request-headers.js';
import { spool, SpoolTooLarge, type Spooled } from './spool.js';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const SECRET_BYTES_MIN = 16;
const SECRET_BYTES_MAX = 512;
const TOLERANCE_S = 5 * 60;
const SIGNATURES_MAX = 100;
const RECIPIENTS_MAX = 1000;
/** Properties other than `raw`, and what base64 may have in line ends and escapes. */
const EXTRA_BYTES = 1 << 20;

/** It has no word for "never again"; these are what they are on every address of ours. */
const REFUSED: Readonly<Record<ProviderRefusal, number>> = {
  ERR_WEBHOOK_SIGNATURE: 401,
  ERR_WEBHOOK_STALE: 401,
  ERR_WEBHOOK_REPLAYED: 409,
  ERR_WEBHOOK_MALFORMED: 400,
  ERR_WEBHOOK_TYPE: 415,
  ERR_WEBHOOK_TOO_LARGE: 413,
};

/**
 * Any program that signs as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and the
 * body as sent, in the headers `webhook-*` or `svix-*`. The body is JSON `{ "mailFrom", "rcptTo": [], "raw": base64 }`, and
 * whatever else.
 */
export const generic: Provider = {
  name: 'generic',
  answers: { accepted: 202, refused: REFUSED },
  bodyBytesMax: (messageSizeBytesMax) => Math.ceil(messageSizeBytesMax * 1.5) + EXTRA_BYTES,
  newSecret: (random) => PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64'),
  parseSecret,
  receive,
};

function parseSecret(text: string): Uint8Array | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const base64 = new Base64Stream();
  const first = base64.push(Buffer.from(text.slice(PREFIX.length)));
  const last = base64.end();
  if (last === undefined || /\s/.test(text)) return undefined;
  const bytes = Buffer.concat([first, last]);
  return bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX ? bytes : undefined;
}

async function receive(request: ProviderRequest, connector: ProviderConnector): Promise<ProviderOutcome> {
  const signed = readSigned(request);
  if (signed === undefined) return refused('ERR_WEBHOOK_SIGNATURE');
  if (Math.abs(connector.nowMs / 1000 - signed.timestamp) > TOLERANCE_S) return refused('ERR_WEBHOOK_STALE');
  const type = mediaTypeOf(request);
  if (type?.type !== 'application/json' || !['', 'utf-8'].includes(type.charset) || !isPlain(request)) {
    return refused('ERR_WEBHOOK_TYPE');
  }
  const hmac = createHmac('sha256', connector.secret.reveal()).update(`${signed.id}.${signed.time}.`);
  const scanner = new JsonScanner('raw');
  const base64 = new Base64Stream();
  let isBase64 = true;
  // Nothing of it is believed before the last byte has come and the signature fits.
  const decoded = (async function* () {
    for await (const chunk of request.body) {
      hmac.update(chunk);
      for (const piece of scanner.push(chunk)) {
        const bytes = base64.push(piece);
        if (bytes.length > 0) yield bytes;
      }
    }
    const last = base64.end();
    isBase64 = last !== undefined;
    if (last !== undefined && last.length > 0) yield last;
  })();
  let raw: Spooled;
  try {
    raw = await spool(decoded, connector.messageSizeBytesMax);
  } catch (error) {
    if (error instanceof SpoolTooLarge) return refused('ERR_WEBHOOK_TOO_LARGE');
    throw error;
  }
  const envelope = isSignature(hmac.digest('base64'), signed.signatures)
    ? envelopeOf(scanner.end(), isBase64)
    : 'forged';
  if (typeof envelope !== 'string') {
    return { kind: 'message', ...envelope, raw: raw.read(), discard: raw.discard, eventId: signed.id };
  }
  await raw.discard();
  return envelope === 'forged' ? refused('ERR_WEBHOOK_SIGNATURE') : refused('ERR_WEBHOOK_MALFORMED');
}

interface Signed {
  readonly id: string;
  /** As sent: that is what is signed. */
  readonly time: string;
  readonly timestamp: number;
  readonly signatures: readonly string[];
}

/** The three headers, each of them once, all of one family. */
function readSigned({ rawHeaders }: ProviderRequest): Signed | undefined {
  const names = rawHeaders.filter((_, n) => n % 2 === 0).map((name) => name.toLowerCase());
  const valuesOf = (name: string): (string | undefined)[] =>
    names.flatMap((one, n) => (one === name ? [rawHeaders[2 * n + 1]] : []));
  const family = names.some((name) => /^webhook-(?:id|timestamp|signature)$/.test(name)) ? 'webhook' : 'svix';
  const [id, time, list] = ['id', 'timestamp', 'signature'].map((part) => {
    const [value, ...more] = valuesOf(`${family}-${part}`);
    return more.length > 0 ? undefined : value;
  });
  if (id === undefined || time === undefined || list === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || !/^\d{1,12}$/.test(time)) return undefined;
  return { id, time, timestamp: Number(time), signatures: list.split(' ').slice(0, SIGNATURES_MAX) };
}

/** Any entry of version 1 that fits; others are of versions to come, or of a secret that was replaced. */
function isSignature(expected: string, given: readonly string[]): boolean {
  const right = Buffer.from(`v1,${expected}`);
  return given.some((entry) => {
    const bytes = Buffer.from(entry);
    return bytes.length === right.length && timingSafeEqual(bytes, right);
  });
}

function envelopeOf(
  scanned: Scanned | undefined,
  isBase64: boolean,
): { readonly mailFrom: string; readonly rcptTo: readonly string[] } | 'malformed' {
  if (scanned === undefined || !scanned.hasText || !isBase64) return 'malformed';
  const { mailFrom: from, rcptTo: to } = scanned.value;
  if (typeof from !== 'string' || !Array.isArray(to) || to.length === 0 || to.length > RECIPIENTS_MAX)
    return 'malformed';
  const mailFrom = from === '' ? '' : normalizeAddress(from);
  const rcptTo = to.flatMap((one: unknown) => (typeof one === 'string' ? (normalizeAddress(one) ?? []) : []));
  return mailFrom === undefined || rcptTo.length !== to.length
    ? 'malformed'
    : { mailFrom, rcptTo: [...new Set(rcptTo)] };
}

function refused(code: ProviderRefusal): ProviderOutcome {
  return { kind: 'refused', status: REFUSED[code], code };
}
