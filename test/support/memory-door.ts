import { createHash, randomBytes } from 'node:crypto';
import { deriveId, fixedClock, Secret, type Clock } from '#lib/core';
import { Enqueuer, type AcceptInput } from '#lib/flow';
import { SmtpDoor, type SmtpDoorOptions } from '../../apps/smtp/src/server/smtp-door.js';
import { makeTlsPair } from '../../apps/smtp/src/tls/make-tls-pair.js';
import { DoorHandlers, type DoorPolicy } from '../../apps/smtp/src/transaction/door-handlers.js';

export const CLINIC = deriveId('organization', 'clinic');
export const MUSEUM = deriveId('organization', 'museum');

/** A key that may send for the clinic, and one that may not send. */
export const API_KEY = { id: deriveId('key', 'sender'), token: 'a-key-that-is-long-enough-to-be-one' };
export const READER_KEY = { id: deriveId('key', 'reader'), token: 'another-key-that-may-only-read-things' };

const tls = makeTlsPair('door.example', new Date('2026-11-24T10:00:00Z'));

export interface Kept extends AcceptInput {
  readonly raw: Buffer;
}

/** The SMTP door on a record and blobs in memory. What goes wrong behind it is set from outside. */
export class MemoryDoor {
  readonly kept: Kept[] = [];
  /** What was written to the blob store whole. */
  readonly written: Buffer[] = [];
  readonly troubles: unknown[] = [];
  /** Thrown by the next steps, until it is taken away. */
  failure: { readonly at: 'look' | 'write' | 'accept'; readonly error: Error } | undefined;
  /** What `accept` of the record waits for. */
  gate: Promise<void> = Promise.resolve();
  isOpen = true;
  readonly door: SmtpDoor;
  port = 0;

  private constructor(
    pair: Awaited<typeof tls>,
    readonly clock: Clock & { set(at: Date | string): void },
    policy: Partial<DoorPolicy>,
    options: Partial<SmtpDoorOptions>,
  ) {
    const settings = { trustedNetworks: ['127.0.0.0/8'], messageSizeBytesMax: 1_000_000, ...policy };
    const handlers = new DoorHandlers(
      {
        organizations: {
          findByDomain: (domain) => this.#look(DOMAINS[domain]),
          load: (id) =>
            this.#look(
              id !== CLINIC
                ? undefined
                : {
                    id,
                    name: 'Clinic',
                    acceptedDomains: [],
                    partnerDomains: [],
                    timeZone: 'UTC',
                    postmaster: 'it@clinic.example',
                  },
            ),
        },
        apiKeys: { authenticate: (token) => this.#look(keyOf(token.reveal())) },
        accept: {
          record: { accept: (input) => this.#accept(input) },
          blobs: { write: (_key, source) => this.#write(source) },
          kms: {
            newDataKey: async () => {
              await Promise.resolve();
              return { key: new Secret<Uint8Array>(new Uint8Array(32)), wrapped: new Uint8Array(60) };
            },
          },
          enqueue: new Enqueuer({ add: () => Promise.resolve() }, { onError: () => undefined }),
          clock,
          random: randomBytes,
        },
        clock,
        isOpen: () => this.isOpen,
      },
      settings,
    );
    this.door = new SmtpDoor(handlers, {
      hostName: 'door.example',
      tls: pair,
      messageSizeBytesMax: settings.messageSizeBytesMax,
      onTrouble: (error) => this.troubles.push(error),
      ...options,
    });
  }

  static async start(policy: Partial<DoorPolicy> = {}, options: Partial<SmtpDoorOptions> = {}): Promise<MemoryDoor> {
    const door = new MemoryDoor(await tls, fixedClock('2026-11-24T10:00:00Z'), policy, options);
    door.port = await door.door.listen(0, '127.0.0.1');
    return door;
  }

  /** Nobody's transaction is waited for. */
  async stop(): Promise<void> {
    await this.door.close(0);
  }

  async #look<T>(found: T): Promise<T> {
    await Promise.resolve();
    if (this.failure?.at === 'look') throw this.failure.error;
    return found;
  }

  async #write(source: AsyncIterable<Uint8Array>): Promise<{ ref: string; sizeBytes: number; sha256: string }> {
    const pieces: Uint8Array[] = [];
    for await (const piece of source) pieces.push(Buffer.from(piece));
    if (this.failure?.at === 'write') throw this.failure.error;
    const raw = Buffer.concat(pieces);
    const sha256 = createHash('sha256').update(raw).digest('hex');
    return { ref: `${this.written.push(raw) - 1}`, sizeBytes: raw.length, sha256 };
  }

  async #accept(input: AcceptInput): Promise<{ kind: 'accepted'; id: string }> {
    await this.gate;
    if (this.failure?.at === 'accept') throw this.failure.error;
    this.kept.push({ ...input, raw: this.written[Number(input.blob)] ?? Buffer.alloc(0) });
    return { kind: 'accepted', id: input.id };
  }
}

const DOMAINS: Readonly<Record<string, string | undefined>> = {
  'clinic.example': CLINIC,
  'xn--klinik-lbeck-llb.example': CLINIC,
  'museum.example': MUSEUM,
};

function keyOf(token: string) {
  const found = [API_KEY, READER_KEY].find((key) => key.token === token);
  if (found === undefined) return undefined;
  return {
    id: found.id,
    organizationId: CLINIC,
    name: 'test',
    scopes: found === API_KEY ? (['messages:send'] as const) : (['messages:read'] as const),
    createdAt: '2026-11-24T09:00:00Z',
    expiresAt: null,
  };
}
