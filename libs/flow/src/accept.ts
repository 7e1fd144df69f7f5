import { newId, type Clock, type RandomBytes } from '#lib/core';
import { canonicalizeLineEnds } from '#lib/mail';
import type { Enqueuer } from './enqueuer.js';
import { FlowError } from './errors.js';
import type { Connection, Envelope, Incoming } from './message.js';
import type { AcceptInput, AcceptOutcome, BlobStore, Kms, MessageRecord } from './ports.js';

export interface AcceptPorts {
  readonly record: Pick<MessageRecord, 'accept'>;
  readonly blobs: Pick<BlobStore, 'write'>;
  readonly kms: Pick<Kms, 'newDataKey'>;
  readonly enqueue: Enqueuer;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/**
 * Makes a message ours for ever: the blob is on disk first, then message, recipients and outbox row are committed. Only
 * when this resolves may a door say 250 or 202; the queue is told behind its back. Bytes that REST or a webhook brings
 * get CRLF line ends here.
 *
 * Errors: `ERR_MESSAGE_TOO_LARGE` (invalid) as soon as more than `sizeBytesMax` bytes have come, nothing is kept; those
 * of the blob store, the keys and the record, which leave the message with the peer.
 */
export async function accept(
  ports: AcceptPorts,
  incoming: Incoming,
  limits: { readonly sizeBytesMax: number },
): Promise<AcceptOutcome> {
  const receivedAt = ports.clock.now();
  const { connection, body, idempotency } = incoming;
  const isCanonical = connection.source === 'smtp' || connection.source === 'system';
  const bytes = limited(isCanonical ? body : canonicalizeLineEnds(body), limits.sizeBytesMax);
  return await keep(ports, bytes, {
    id: newId(receivedAt.getTime(), ports.random),
    organizationId: incoming.organizationId,
    kind: 'mail',
    envelope: incoming.envelope,
    connection,
    receivedAt,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
}

/** A notice of ours. */
export interface Notice {
  readonly id: string;
  readonly organizationId: string;
  readonly rcptTo: string;
  readonly bytes: Uint8Array;
  /** Outbox row of `notify` that it answers. */
  readonly closesNotify: string;
}

const OURSELVES: Connection = {
  source: 'system',
  isAuthenticated: true,
  isTrustedNetwork: false,
  ip: null,
  helo: null,
  isTls: false,
  apiKeyId: null,
  connectorId: null,
};

/** Accepts a DSN or notice of ours: from the null sender, nothing is ever told about it (RFC 3464 section 2). */
export async function acceptNotice(ports: AcceptPorts, notice: Notice): Promise<AcceptOutcome> {
  const envelope: Envelope = {
    mailFrom: '',
    rcptTo: [{ address: notice.rcptTo, notify: 'NEVER', orcpt: null }],
    dsnReturn: null,
    envid: null,
  };
  return await keep(ports, [notice.bytes], {
    id: notice.id,
    organizationId: notice.organizationId,
    kind: 'notice',
    envelope,
    connection: OURSELVES,
    receivedAt: ports.clock.now(),
    closesNotify: notice.closesNotify,
  });
}

async function keep(
  ports: AcceptPorts,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  input: Omit<AcceptInput, 'blob' | 'sizeBytes' | 'sha256' | 'wrappedKey'>,
): Promise<AcceptOutcome> {
  const { key, wrapped: wrappedKey } = await ports.kms.newDataKey(input.organizationId);
  const { ref: blob, sizeBytes, sha256 } = await ports.blobs.write(key, streamed(bytes));
  const outcome = await ports.record.accept({ ...input, blob, sizeBytes, sha256, wrappedKey });
  if (outcome.kind === 'accepted') ports.enqueue.add('process', input.organizationId, outcome.id);
  return outcome;
}

async function* streamed(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

async function* limited(source: AsyncIterable<Uint8Array>, sizeBytesMax: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of source) {
    sizeBytes += piece.length;
    if (sizeBytes > sizeBytesMax) throw new FlowError('ERR_MESSAGE_TOO_LARGE', { detail: { sizeBytesMax } });
    yield piece;
  }
}
