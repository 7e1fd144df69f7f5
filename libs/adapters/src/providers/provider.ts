import type { Secret } from '#lib/core';

/** A webhook as it came in: nothing of it is checked yet. */
export interface ProviderRequest {
  /** As node:http has them: names in lower case, repeated ones joined. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turns, as sent: whoever must know of a header that came twice looks here. */
  readonly rawHeaders: readonly string[];
  /** The body as sent; it throws when the peer goes away, and `bodyBytesMax` is enforced by the caller. Read at most once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** What stands below the connector's address: '' or, for example, `/mime`. */
  readonly path: string;
}

/** What the connector knows. */
export interface ProviderConnector {
  /** The signing secret in the bytes of `parseSecret`. */
  readonly secret: Secret<Uint8Array>;
  readonly nowMs: number;
  /** Largest message that is taken (`SEALFLOW_MESSAGE_SIZE_MAX`). */
  readonly messageSizeBytesMax: number;
}

/**
 * `message`: its signature and time are right. `eventId` names the provider's event for good, so that a repeat has no
 * second effect; addresses in the form of `normalizeAddress`, `mailFrom` is '' for the null sender.
 * `ignored`: rightly signed, but no mail; answered like an accepted one. `refused`: the HTTP status that this provider
 * takes as its answer, the reason as one of {@link ProviderRefusal}, and once the signature was right all faults of the body.
 */
export type ProviderOutcome =
  | {
      readonly kind: 'message';
      readonly mailFrom: string;
      readonly rcptTo: readonly string[];
      /** The message, once, with whatever line ends it came with. */
      readonly raw: AsyncIterable<Uint8Array>;
      readonly eventId: string;
      /** Frees what the message takes; to be called when it was taken, and when it was not. */
      readonly discard: () => Promise<void>;
    }
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: ProviderRefusal;
      readonly faults?: readonly ProviderFault[];
    };

/** What of a rightly signed body is wrong: a JSON pointer, and a sentence that quotes nothing. */
export interface ProviderFault {
  readonly pointer: string;
  readonly message: string;
}

/** Why a webhook is refused; the first three say nothing about which of their parts is wrong. */
export type ProviderRefusal =
  | 'ERR_WEBHOOK_SIGNATURE'
  | 'ERR_WEBHOOK_STALE'
  | 'ERR_WEBHOOK_REPLAYED'
  | 'ERR_WEBHOOK_MALFORMED'
  | 'ERR_WEBHOOK_TYPE'
  | 'ERR_WEBHOOK_TOO_LARGE';

/** One sender of webhooks. It verifies first and reads afterwards; it keeps nothing. */
export interface Provider {
  /** As in `/v1/ingest/<name>/…`. */
  readonly name: string;
  /** The statuses that this provider takes as done, and for each refusal: "never again", if it has one for that. */
  readonly answers: { readonly accepted: number; readonly refused: Readonly<Record<ProviderRefusal, number>> };
  /** Largest body that can hold a message of that size. */
  bodyBytesMax(messageSizeBytesMax: number): number;
  /** A secret for connectors that bring none, as it is shown once and given to `parseSecret`. */
  newSecret(random: (size: number) => Uint8Array): string;
  /** What `parseSecret` wants, for people: `must be …`. */
  readonly secretRule: string;
  /** The bytes that sign; `undefined` if the text is no secret of this provider. */
  parseSecret(text: string): Uint8Array | undefined;
  /** Errors: those of `body`, `ERR_BLOB_DISK_FULL` and `ERR_BLOB_UNAVAILABLE` where a large message waits. */
  receive(request: ProviderRequest, connector: ProviderConnector): Promise<ProviderOutcome>;
}
