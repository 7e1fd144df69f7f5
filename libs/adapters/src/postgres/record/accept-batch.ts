import { createHash } from 'node:crypto';
import { requestDigest, type AcceptInput, type AcceptOutcome, type EnvelopeRecipient } from '#lib/flow';
import { AdapterError } from '../../errors.js';
import type { DatabasePool } from '../database-pool.js';
import { jsonOf, prepared, storable } from '../statement.js';

const HOUR_MS = 3_600_000;
const REST_KEPT_MS = 24 * HOUR_MS;
/** Providers repeat a webhook for days. */
const OTHERS_KEPT_MS = 31 * 24 * HOUR_MS;

type Texts = readonly (string | null)[];

/** Told: that it was is kept, not what. */
const answerNotify = prepared<never, [ids: readonly string[]]>(
  'accept_answer_notify',
  `WITH told AS (DELETE FROM outbox WHERE queue = 'notify' AND id = ANY ($1::uuid[]) RETURNING id)
   UPDATE notification n SET request = NULL FROM told t WHERE n.id = t.id`,
);

const forgetExpired = prepared<never, [digests: readonly Buffer[]]>(
  'accept_forget_expired',
  `DELETE FROM idempotency WHERE digest = ANY ($1::bytea[]) AND expires_at <= now()`,
);

/** The first of two waits for nobody, the second for the first; the next statement sees whose the key is. */
const takeKeys = prepared<
  never,
  [organizationId: string, digests: readonly Buffer[], requests: Texts, ids: Texts, expires: readonly Date[]]
>(
  'accept_take_keys',
  `INSERT INTO idempotency (organization_id, digest, sha256, message_id, expires_at)
   SELECT $1, k.* FROM unnest($2::bytea[], $3::text[], $4::uuid[], $5::timestamptz[]) k (digest, sha256, message_id, expires_at)
   ORDER BY k.digest
   ON CONFLICT DO NOTHING`,
);

interface AcceptRow {
  readonly is_kept: boolean;
  readonly first_id: string | null;
  readonly is_same: boolean | null;
}

export const writeMessages = prepared<AcceptRow, readonly unknown[]>(
  'accept',
  `WITH given AS (
     SELECT g.*, i.message_id AS first_id, i.sha256 AS first_request
       FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                   $10::bigint[], $11::text[], $12::text[], $13::bytea[], $14::bytea[], $21::text[])
            WITH ORDINALITY g (id, kind, received_at, mail_from, dsn_return, envid, source, connection, size_bytes, sha256,
                               blob, wrapped_key, digest, request, n)
       LEFT JOIN idempotency i ON i.digest = g.digest
   ), kept AS (
     INSERT INTO message (organization_id, id, kind, received_at, mail_from, dsn_return, envid, source, connection,
                          size_bytes, sha256, rule_set, blob, wrapped_key)
     SELECT $1, g.id, g.kind, g.received_at, g.mail_from, g.dsn_return, g.envid, g.source, g.connection::json, g.size_bytes,
            g.sha256, (SELECT o.current_rule_set FROM organization o WHERE o.id = $1), g.blob, g.wrapped_key
       FROM given g WHERE g.first_id IS NULL OR g.first_id = g.id
     ON CONFLICT DO NOTHING
     RETURNING id, received_at
   ), named AS (
     INSERT INTO recipient (organization_id, message_id, n, address, origin, notify, orcpt, path, received_at)
     SELECT $1, k.id, r.n, r.address, 'envelope', r.notify, r.orcpt, r.path, k.received_at
       FROM unnest($15::uuid[], $16::integer[], $17::text[], $18::text[], $19::text[], $20::text[])
              r (message_id, n, address, notify, orcpt, path)
       JOIN kept k ON k.id = r.message_id
   ), due AS (
     INSERT INTO outbox (organization_id, id, queue, due_at, hint_at)
     SELECT $1, k.id, 'process', now(), now() + interval '5 seconds' FROM kept k
   ), said AS (
     INSERT INTO event (organization_id, message_id, at, type, detail)
     SELECT $1, k.id, k.received_at, 'accepted', '{}' FROM kept k
   )
   SELECT k.id IS NOT NULL AS is_kept, g.first_id, g.first_request = g.request AS is_same
     FROM given g LEFT JOIN kept k ON k.id = g.id ORDER BY g.n`,
);

/** Messages with recipients, outbox rows and first events, pinned to the rule set of now: all of them or none. */
export async function acceptBatch(
  pool: DatabasePool,
  organizationId: string,
  inputs: readonly AcceptInput[],
): Promise<AcceptOutcome[]> {
  const digests = inputs.map(digestOf);
  const keyed = inputs.flatMap((input, index) => {
    const digest = digests[index];
    return digest === null || digest === undefined ? [] : [{ input, digest }];
  });
  const answered = inputs.flatMap(({ closesNotify }) => (closesNotify === undefined ? [] : [closesNotify]));
  const isKeyed = keyed.length > 0;
  const [, , , rows] = await pool.batch(organizationId, [
    answered.length > 0 ? answerNotify(answered) : undefined,
    isKeyed ? forgetExpired(keyed.map(({ digest }) => digest)) : undefined,
    isKeyed ? takeKeys(organizationId, ...keysOf(keyed)) : undefined,
    writeMessages(organizationId, ...messagesOf(inputs), digests, ...recipientsOf(inputs), inputs.map(requestOf)),
  ]);
  return inputs.map((input, index) => outcomeOf(input, rows[index], isFirst(inputs, index)));
}

/** Of several with the same id in one batch the first is the one that was written. */
function isFirst(inputs: readonly AcceptInput[], index: number): boolean {
  return inputs.findIndex(({ id }) => id === inputs[index]?.id) === index;
}

function outcomeOf({ id }: AcceptInput, row: AcceptRow | undefined, isFirstOfId: boolean): AcceptOutcome {
  if (row === undefined) throw new AdapterError('ERR_DATABASE_FAILED', { detail: { reason: 'no answer' } });
  if (row.is_kept && isFirstOfId) return { kind: 'accepted', id };
  if (row.first_id === null) return { kind: 'repeated', id };
  return row.is_same === true ? { kind: 'repeated', id: row.first_id } : { kind: 'conflict' };
}

function digestOf({ organizationId, idempotency }: AcceptInput): Buffer | null {
  if (idempotency === undefined) return null;
  return createHash('sha256')
    .update(JSON.stringify([organizationId, idempotency.scope, idempotency.key]))
    .digest();
}

/** What a repeat under the same key must be equal to. */
function requestOf(input: AcceptInput): string | null {
  return input.idempotency === undefined ? null : requestDigest(input);
}

function keysOf(
  keyed: readonly { readonly input: AcceptInput; readonly digest: Buffer }[],
): [digests: Buffer[], requests: string[], ids: string[], expires: Date[]] {
  return [
    keyed.map(({ digest }) => digest),
    keyed.map(({ input }) => requestDigest(input)),
    keyed.map(({ input }) => input.id),
    keyed.map(({ input }) => new Date(input.receivedAt.getTime() + keptMs(input.idempotency?.scope ?? ''))),
  ];
}

/** The REST door says `rest`, and whose key it is. */
function keptMs(scope: string): number {
  return /^rest\b/.test(scope) ? REST_KEPT_MS : OTHERS_KEPT_MS;
}

function messagesOf(inputs: readonly AcceptInput[]): unknown[][] {
  return [
    inputs.map(({ id }) => id),
    inputs.map(({ kind }) => kind),
    inputs.map(({ receivedAt }) => receivedAt),
    inputs.map(({ envelope }) => storable(envelope.mailFrom)),
    inputs.map(({ envelope }) => envelope.dsnReturn),
    inputs.map(({ envelope }) => (envelope.envid === null ? null : storable(envelope.envid))),
    inputs.map(({ connection }) => connection.source),
    inputs.map(({ connection }) => jsonOf(connection)),
    inputs.map(({ sizeBytes }) => sizeBytes),
    inputs.map(({ sha256 }) => sha256),
    inputs.map(({ blob }) => blob),
    inputs.map(({ wrappedKey }) => Buffer.from(wrappedKey)),
  ];
}

/** An address that was given twice gets one copy. */
function recipientsOf(inputs: readonly AcceptInput[]): unknown[][] {
  const rows = inputs.flatMap(({ id, envelope }) => {
    const once = new Map<string, EnvelopeRecipient>();
    for (const recipient of envelope.rcptTo) {
      const address = storable(recipient.address);
      if (!once.has(address)) once.set(address, recipient);
    }
    return [...once].map(([address, recipient], n) => ({ id, n, address, recipient }));
  });
  return [
    rows.map(({ id }) => id),
    rows.map(({ n }) => n),
    rows.map(({ address }) => address),
    rows.map(({ recipient }) => notifyText(recipient)),
    rows.map(({ recipient }) => (recipient.orcpt === null ? null : storable(recipient.orcpt))),
    rows.map(({ recipient }) => (recipient.path === undefined ? null : storable(recipient.path))),
  ];
}

function notifyText({ notify }: EnvelopeRecipient): string | null {
  return notify === null || notify === 'NEVER' ? notify : notify.join(',');
}
