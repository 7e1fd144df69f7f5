import { createHmac, timingSafeEqual } from 'node:crypto';
import { normalizeAddress } from '#lib/core';
import { Base64Stream } from './base64-stream.js';
import { JsonScanner, type Scanned } from './json-scanner.js';
import type {
  Provider,
  ProviderConnector,
  ProviderFault,
  ProviderOutcome,
  ProviderRefusal,
  ProviderRequest,
} from './provider.js';
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
  secretRule: `must be ${PREFIX} and the base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes`,
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
  if (!isSignature(hmac.digest('base64'), signed.signatures)) {
    await raw.discard();
    return refused('ERR_WEBHOOK_SIGNATURE');
  }
  const read = envelopeOf(scanner.end(), isBase64);
  if (!('faults' in read)) {
    return { kind: 'message', ...read, raw: raw.read(), discard: raw.discard, eventId: signed.id };
  }
  await raw.discard();
  return { ...refused('ERR_WEBHOOK_MALFORMED'), faults: read.faults };
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

type Read =
  { readonly mailFrom: string; readonly rcptTo: readonly string[] } | { readonly faults: readonly ProviderFault[] };

function envelopeOf(scanned: Scanned | undefined, isBase64: boolean): Read {
  if (scanned === undefined) {
    const message = 'must be a JSON object in UTF-8, each property once, raw in ASCII, and little besides';
    return { faults: [{ pointer: '', message }] };
  }
  const { mailFrom: from, rcptTo: to } = scanned.value;
  const mailFrom = from === '' ? '' : addressOf(from);
  const list: readonly unknown[] = Array.isArray(to) ? to : [];
  const isList = list.length > 0 && list.length <= RECIPIENTS_MAX;
  const rcptTo = isList ? list.map(addressOf) : [];
  const faults = [
    ...(mailFrom === undefined ? [{ pointer: '/mailFrom', message: 'must be an address, or empty' }] : []),
    ...(isList ? [] : [{ pointer: '/rcptTo', message: `must be a list of 1 to ${RECIPIENTS_MAX} addresses` }]),
    ...rcptTo.flatMap((address, n) =>
      address === undefined ? [{ pointer: `/rcptTo/${n}`, message: 'must be an address' }] : [],
    ),
    ...(scanned.hasText && isBase64 ? [] : [{ pointer: '/raw', message: 'must be the message in base64' }]),
  ];
  if (mailFrom === undefined || faults.length > 0) return { faults };
  return { mailFrom, rcptTo: [...new Set(rcptTo.filter((address) => address !== undefined))] };
}

function addressOf(value: unknown): string | undefined {
  return typeof value === 'string' ? normalizeAddress(value) : undefined;
}

function refused(code: ProviderRefusal): Extract<ProviderOutcome, { kind: 'refused' }> {
  return { kind: 'refused', status: REFUSED[code], code };
}
