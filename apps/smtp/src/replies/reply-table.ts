import { isAppError } from '#lib/core';
import type { AdapterErrorCode } from '#lib/adapters';
import type { FlowErrorCode } from '#lib/flow';
import type { DoorErrorCode } from './door-error.js';

type ErrorCode = AdapterErrorCode | DoorErrorCode | FlowErrorCode;

/** A reply code and an enhanced status code (RFC 3463). */
type Reply = readonly [code: number, status: string];

const TRY_AGAIN: Reply = [451, '4.3.0'];

/**
 * The one table from error code to SMTP reply. A code that is missing here does not compile. While the peer still has
 * the message whatever is wrong with us is temporary, codes that only a worker can meet as well.
 */
const REPLIES: Readonly<Record<ErrorCode, Reply>> = {
  ERR_RELAY_DENIED: [550, '5.7.1'],
  ERR_LINE_END_BARE: [554, '5.6.0'],
  ERR_PARAMETER_UNKNOWN: [555, '5.5.4'],
  ERR_PARAMETER_MALFORMED: [501, '5.5.4'],
  ERR_SMTPUTF8_MISSING: [553, '5.6.7'],
  ERR_RECIPIENT_FOREIGN_ORGANIZATION: [451, '4.5.3'],
  ERR_SMTP_AUTH_FAILED: [535, '5.7.8'],
  ERR_SMTP_AUTH_BLOCKED: [454, '4.7.0'],
  ERR_SMTP_AUTH_UNAVAILABLE: [454, '4.7.0'],
  ERR_SMTP_CONNECTIONS_MAX: [421, '4.7.0'],
  ERR_SMTP_RATE_EXCEEDED: [451, '4.7.0'],
  ERR_SMTP_CLIENT_GONE: [451, '4.4.2'],
  ERR_SMTP_CLOSING: [421, '4.3.2'],
  ERR_SMTP_STARTING: [451, '4.3.2'],
  ERR_SMTP_UNEXPECTED: TRY_AGAIN,
  ERR_MESSAGE_TOO_LARGE: [552, '5.3.4'],
  ERR_BLOB_DISK_FULL: [452, '4.3.1'],
  ERR_DATABASE_FULL: [452, '4.3.1'],
  ERR_DATABASE_VALUE: [554, '5.6.0'],
  ERR_BLOB_DAMAGED: TRY_AGAIN,
  ERR_BLOB_MISSING: TRY_AGAIN,
  ERR_BLOB_UNAVAILABLE: TRY_AGAIN,
  ERR_CURSOR_INVALID: TRY_AGAIN,
  ERR_DATABASE_AWAY: TRY_AGAIN,
  ERR_DATABASE_BUSY: TRY_AGAIN,
  ERR_DATABASE_FAILED: TRY_AGAIN,
  ERR_DATABASE_MIGRATION: TRY_AGAIN,
  ERR_DATABASE_ROLE: TRY_AGAIN,
  ERR_DATABASE_UNMIGRATED: TRY_AGAIN,
  ERR_DIRECTORY_INVALID: TRY_AGAIN,
  ERR_DIRECTORY_LIMIT: TRY_AGAIN,
  ERR_DIRECTORY_TIMEOUT: TRY_AGAIN,
  ERR_DIRECTORY_UNAVAILABLE: TRY_AGAIN,
  ERR_JUDGE_CRASHED: TRY_AGAIN,
  ERR_JUDGE_FAILED: TRY_AGAIN,
  ERR_JUDGE_TIMEOUT: TRY_AGAIN,
  ERR_JUDGE_UNAVAILABLE: TRY_AGAIN,
  ERR_KEY_MISSING: TRY_AGAIN,
  ERR_KMS_KEY_MISSING: TRY_AGAIN,
  ERR_KMS_PLAIN_TOO_LARGE: TRY_AGAIN,
  ERR_KMS_UNAVAILABLE: TRY_AGAIN,
  ERR_KMS_WRAP_DAMAGED: TRY_AGAIN,
  ERR_LOOP_HOPS: TRY_AGAIN,
  ERR_LOOP_MARK_TWICE: TRY_AGAIN,
  ERR_MESSAGE_FAILED: TRY_AGAIN,
  ERR_MESSAGE_RETRIES: TRY_AGAIN,
  ERR_OUTGOING_FOREIGN: TRY_AGAIN,
  ERR_QUEUE_UNAVAILABLE: TRY_AGAIN,
  ERR_RECIPIENT_UNJUDGED: TRY_AGAIN,
  ERR_RECORD_MISSING: TRY_AGAIN,
  ERR_RELAY_URL_INVALID: TRY_AGAIN,
  ERR_RULE_SET_MISSING: TRY_AGAIN,
  ERR_SEAL_FAILED: TRY_AGAIN,
};

const BY_CODE: ReadonlyMap<string, Reply> = new Map(Object.entries(REPLIES));

/** What smtp-server answers with: `message` begins with the enhanced status code, `responseCode` stands before it. */
export class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor([code, status]: Reply, text: string) {
    super(`${status} ${text}`);
    this.responseCode = code;
  }
}

/** The reply to whatever was thrown: a code and a constant sentence, nothing from inside. */
export function refusalOf(error: unknown): SmtpRefusal {
  const reply = isAppError(error) ? BY_CODE.get(error.code) : undefined;
  const text = isAppError(error) && reply !== undefined ? error.publicText : 'Not possible just now; try again later.';
  return new SmtpRefusal(reply ?? TRY_AGAIN, text);
}
