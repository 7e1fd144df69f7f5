import { Readable } from 'node:stream';
import { needsSmtpUtf8, systemClock, type Clock, type Secret } from '#lib/core';
import type { Outgoing, Relay, RelayResult } from '#lib/flow';
import type { RelayTimeouts } from './connection-options.js';
import type { RelayConnection, Transaction, Transmitted } from './relay-connection.js';
import { RelayPool } from './relay-pool.js';
import { RelayReach, type RelayFacts } from './relay-reach.js';
import { codeOfReply, isForGood, oneLine, RelayFailure, relayFailure } from './relay-reply.js';
import { parseRelayUrl } from './relay-url.js';

/** A server must take so many for one message (RFC 5321 section 4.5.3.1.8). */
const RECIPIENTS_MAX = 100;
/** Copies up to this size are gathered before they are sent. */
const WHOLE_BYTES_MAX = 256 * 1024;
const GRACE_MS = 10_000;
const TIMEOUTS: RelayTimeouts = { connectMs: 60_000, greetingMs: 60_000, commandMs: 120_000, finalMs: 600_000 };

type SendOptions = Parameters<Relay['send']>[1];

export interface SmtpRelayOptions {
  /** `SEALFLOW_RELAY_URL`; without it nothing is sent. Error: `ERR_RELAY_URL_INVALID`. */
  readonly url?: Secret | undefined;
  /** What this server calls itself. */
  readonly hostName: string;
  /** Connections at once; 10. */
  readonly connectionsMax?: number;
  /** Messages after which a connection ends; 1000. */
  readonly messagesPerConnectionMax?: number;
  /** How long a connection is kept without a message; 30 s. */
  readonly idleMs?: number;
  readonly timeouts?: Partial<RelayTimeouts>;
  /** Told of connections that failed, for the log. */
  readonly onTrouble?: (failure: RelayFailure) => void;
  readonly clock?: Clock;
}

/**
 * The smart host over SMTP, on kept connections. What leaves is what `outgoing.open()` gives, with the dots that the
 * transport adds; a CRLF is added to a message that does not end with one, since SMTP has no other way to carry it.
 * More than 100 recipients go in several transactions. Never throws.
 */
export class SmtpRelay implements Relay {
  readonly isConfigured: boolean;
  readonly #pool: RelayPool | undefined;
  readonly #reach: RelayReach | undefined;
  readonly #onTrouble: (failure: RelayFailure) => void;

  constructor(options: SmtpRelayOptions) {
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    this.isConfigured = options.url !== undefined;
    if (options.url === undefined) return;
    const target = parseRelayUrl(options.url);
    this.#reach = new RelayReach(target, options.clock ?? systemClock);
    this.#pool = new RelayPool({
      target,
      hostName: options.hostName,
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      connectionsMax: options.connectionsMax ?? 10,
      messagesPerConnectionMax: options.messagesPerConnectionMax ?? 1000,
      idleMs: options.idleMs ?? 30_000,
    });
  }

  /** Whether it was there when it was last wanted, for `/readyz`. */
  get facts(): RelayFacts {
    return this.#reach?.facts ?? {};
  }

  async send(outgoing: Outgoing, options: SendOptions): Promise<readonly RelayResult[]> {
    const results: RelayResult[] = [];
    const addresses = outgoing.recipients.map(({ address }) => address);
    for (let at = 0; at < addresses.length; at += RECIPIENTS_MAX) {
      results.push(...(await this.#sendSome(outgoing, addresses.slice(at, at + RECIPIENTS_MAX), options)));
    }
    return results;
  }

  /** Ends the connections: idle ones at once, the others when their message is through, after `graceMs` (10 s) in any case. */
  async close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#pool?.close(graceMs);
  }

  async #borrow(pool: RelayPool, options?: { readonly isFresh: boolean }): Promise<RelayConnection> {
    try {
      const connection = await pool.borrow(options);
      // A kept one says nothing of now.
      if (!connection.isKept) this.#reach?.reached();
      return connection;
    } catch (error) {
      this.#reach?.failed(error);
      throw error;
    }
  }

  async #sendSome(outgoing: Outgoing, addresses: readonly string[], options: SendOptions): Promise<RelayResult[]> {
    const pool = this.#pool;
    const fail = (failure: RelayFailure): RelayResult[] => {
      this.#onTrouble(failure);
      return addresses.map((address) => ({ address, outcome: 'temporary', reply: failure.reply }));
    };
    if (pool === undefined) return fail(new RelayFailure('No relay is configured.'));
    try {
      const whole = outgoing.sizeBytes <= WHOLE_BYTES_MAX ? await gather(outgoing) : undefined;
      const open = (): Buffer | Readable => whole ?? streamOf(outgoing);
      let connection = await this.#borrow(pool);
      const { isKept } = connection;
      let attempt = await tryOn(pool, connection, outgoing, addresses, options, open);
      // The relay may end a kept connection at the very moment at which we want to use it.
      if (isKept && attempt.transmitted?.isUnheard === true) {
        connection = await this.#borrow(pool, { isFresh: true });
        attempt = await tryOn(pool, connection, outgoing, addresses, options, open);
      }
      const rest = attempt.transmitted?.rest;
      if (rest instanceof RelayFailure) this.#onTrouble(rest);
      else if (rest !== undefined) this.#reach?.reached();
      return attempt.results;
    } catch (error) {
      return fail(relayFailure(error));
    }
  }
}

interface Attempt {
  readonly results: RelayResult[];
  /** Absent if nothing was said to the relay. */
  readonly transmitted?: Transmitted;
}

async function tryOn(
  pool: RelayPool,
  connection: RelayConnection,
  outgoing: Outgoing,
  addresses: readonly string[],
  { notify, paths, envelope, mayBegin }: SendOptions,
  open: () => Buffer | Readable,
): Promise<Attempt> {
  let isReusable = true;
  try {
    if (!mayBegin()) throw new RelayFailure('The claim of the message may have ended.');
    const unfit = new Map(addresses.flatMap((address) => unfitFor(connection, outgoing, address)));
    const pathOf = (address: string): string => paths.get(address) ?? address;
    const rcptTo = addresses.filter((address) => !unfit.has(address)).map(pathOf);
    const { mailFrom, sizeBytes, has8bit } = outgoing;
    const { orcpt, ...dsn } = envelope;
    const byPath = (given: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
      new Map([...given].map(([address, value]) => [pathOf(address), value]));
    const transaction: Transaction = {
      mailFrom,
      rcptTo,
      sizeBytes,
      has8bit,
      dsn,
      notify: byPath(notify),
      orcpt: byPath(orcpt),
    };
    const transmitted = rcptTo.length === 0 ? undefined : await connection.transmit(transaction, open());
    isReusable = transmitted?.isReusable ?? true;
    const isDsnOffered = connection.offers('DSN');
    if (isReusable && transmitted !== undefined && !isThrough(transmitted)) isReusable = await connection.startOver();
    const results = addresses.map((address): RelayResult => {
      const reply = unfit.get(address);
      if (reply !== undefined) return { address, outcome: 'permanent', reply };
      const result = resultOf(address, pathOf(address), transmitted);
      return result.outcome === 'delivered' && isDsnOffered && notify.has(address)
        ? { ...result, isDsnPassedOn: true }
        : result;
    });
    return { results, ...(transmitted === undefined ? {} : { transmitted }) };
  } finally {
    pool.giveBack(connection, isReusable);
  }
}

/** What this relay could not take, in our words, before it is asked. */
function unfitFor(connection: RelayConnection, outgoing: Outgoing, address: string): [string, string][] {
  const { mailFrom, sizeBytes } = outgoing;
  const sizeBytesMax = connection.messageSizeBytesMax;
  if (sizeBytesMax > 0 && sizeBytes > sizeBytesMax) {
    return [[address, '5.3.4 The message is larger than the relay takes.']];
  }
  if ((needsSmtpUtf8(mailFrom) || needsSmtpUtf8(address)) && !connection.offers('SMTPUTF8')) {
    return [[address, '5.6.7 The relay does not take addresses beyond US-ASCII (SMTPUTF8).']];
  }
  // Quoted they are allowed; the library does not say them, and no mailbox is known that has them.
  if (/[<>]/.test(mailFrom)) return [[address, '5.1.7 The address of the sender cannot be said to the relay.']];
  return /[<>]/.test(address) ? [[address, '5.1.3 The address cannot be said to the relay.']] : [];
}

function resultOf(address: string, path: string, transmitted: Transmitted | undefined): RelayResult {
  const { refused, rest } = transmitted ?? { refused: new Map<string, string>(), rest: new RelayFailure('Not tried.') };
  const refusal = refused.get(path);
  if (refusal === undefined && rest instanceof RelayFailure) {
    return { address, outcome: 'temporary', reply: rest.reply };
  }
  const reply = refusal ?? rest.reply;
  const isTaken = refusal === undefined && transmitted !== undefined && isThrough(transmitted);
  return {
    address,
    outcome: isTaken ? 'delivered' : isForGood(reply) ? 'permanent' : 'temporary',
    reply: oneLine(reply),
  };
}

/** The relay has taken the message: a whole reply that begins with 2, to its end. */
function isThrough({ rest }: Transmitted): boolean {
  if (rest instanceof RelayFailure) return false;
  const code = codeOfReply(rest.reply);
  return code !== undefined && code < 300;
}

async function gather(outgoing: Outgoing): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readable(outgoing)));
}

function streamOf(outgoing: Outgoing): Readable {
  return Readable.from(readable(outgoing), { objectMode: false });
}

/** The library writes its own code into errors that it meets: it gets one of its own. */
async function* readable(outgoing: Outgoing): AsyncGenerator<Uint8Array> {
  try {
    yield* outgoing.open();
  } catch (error) {
    throw Object.assign(new Error('the copy could not be read', { cause: error }), { code: 'ESTREAM' });
  }
}
