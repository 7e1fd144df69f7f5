import type { Accepted, Connection, Envelope, Notify, QueueName, RecipientRecord, RecipientState } from '#lib/flow';
import { prepared } from '../statement.js';

export interface MessageRow {
  readonly id: string;
  readonly kind: 'mail' | 'notice';
  readonly mail_from: string;
  readonly dsn_return: Envelope['dsnReturn'];
  readonly envid: string | null;
  readonly connection: Connection;
  readonly received_at: Date;
  readonly size_bytes: number;
  readonly rule_set: string;
  readonly blob: string;
  readonly wrapped_key: Buffer | null;
  readonly sealed_summary: Buffer | null;
}

export interface RecipientRow {
  readonly message_id: string;
  readonly n: number;
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly notify: string | null;
  readonly orcpt: string | null;
  readonly path: string | null;
  readonly state: RecipientState;
  readonly protection: string | null;
  readonly resume_after_rule: string | null;
  readonly rejudge_with: string | null;
  readonly is_unprotected: boolean;
  readonly delivery_id: string | null;
  readonly attempts: number;
  readonly first_attempt_at: Date | null;
}

const MESSAGES = `SELECT id, kind, mail_from, dsn_return, envid, connection, received_at, size_bytes, rule_set, blob,
    wrapped_key, sealed_summary
  FROM message WHERE id`;
const RECIPIENTS = `SELECT message_id, n, address, origin, notify, orcpt, path, state, protection, resume_after_rule,
    rejudge_with, is_unprotected, delivery_id, attempts, first_attempt_at
  FROM recipient WHERE message_id`;
const NOTIFIED = 'IN (SELECT message_id FROM notification WHERE id = ANY ($1::uuid[]))';

export const loadMessages = prepared<MessageRow, [ids: readonly string[]]>(
  'load_messages',
  `${MESSAGES} = ANY ($1::uuid[])`,
);

export const loadRecipients = prepared<RecipientRow, [ids: readonly string[]]>(
  'load_recipients',
  `${RECIPIENTS} = ANY ($1::uuid[]) ORDER BY message_id, n`,
);

/** The messages that notifications are about. */
export const loadNotifiedMessages = prepared<MessageRow, [notificationIds: readonly string[]]>(
  'load_notified_messages',
  `${MESSAGES} ${NOTIFIED}`,
);

export const loadNotifiedRecipients = prepared<RecipientRow, [notificationIds: readonly string[]]>(
  'load_notified_recipients',
  `${RECIPIENTS} ${NOTIFIED} ORDER BY message_id, n`,
);

/** A message as the line takes it up, under the claim of a queue. */
export function acceptedOf(
  organizationId: string,
  message: MessageRow,
  recipients: readonly RecipientRow[],
  claim: { readonly queue: QueueName; readonly claim: string; readonly tries: number },
): Accepted {
  const rejudgeWith = recipients.find(({ state }) => state === 'pending')?.rejudge_with ?? null;
  return {
    id: message.id,
    organizationId,
    kind: message.kind,
    envelope: { mailFrom: message.mail_from, dsnReturn: message.dsn_return, envid: message.envid },
    recipients: recipients.map((row) => recipientOf(row, rejudgeWith)),
    connection: message.connection,
    receivedAt: message.received_at.toISOString(),
    sizeBytes: message.size_bytes,
    ruleSet: message.rule_set,
    blob: message.blob,
    // Destroyed with the content: only notices are still owed then, and they do without.
    wrappedKey: message.wrapped_key ?? new Uint8Array(0),
    ...claim,
    rejudgeWith,
  };
}

/**
 * One run judges with one rule set. Those who wait for another one look held to it: the closing record leaves them
 * pending, and they are due in the next run.
 */
function recipientOf(row: RecipientRow, rejudgeWith: string | null): RecipientRecord {
  const isOfNextRun = row.state === 'pending' && row.rejudge_with !== rejudgeWith;
  return {
    n: row.n,
    address: row.address,
    origin: row.origin,
    notify: notifyOf(row.notify),
    orcpt: row.orcpt,
    ...(row.path === null ? {} : { path: row.path }),
    state: isOfNextRun ? 'held' : row.state,
    resumeAfterRule: row.resume_after_rule,
    isUnprotected: row.is_unprotected,
    deliveryId: row.delivery_id,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at?.toISOString() ?? null,
  };
}

function notifyOf(text: string | null): Notify {
  if (text === null || text === 'NEVER') return text;
  return text.split(',') as ('SUCCESS' | 'FAILURE' | 'DELAY')[];
}
