import { AppError, type ErrorKind } from '#lib/core';

/** Every code of this lib with its kind and its one public sentence. */
const CODES = {
  ERR_KMS_UNAVAILABLE: { kind: 'temporary', publicText: 'The keys of this installation cannot be reached just now.' },
  ERR_KMS_KEY_MISSING: { kind: 'temporary', publicText: 'A key of this installation is not where it should be.' },
  ERR_KMS_WRAP_DAMAGED: { kind: 'permanent', publicText: 'A key that belongs to stored data is damaged.' },
  ERR_KMS_PLAIN_TOO_LARGE: {
    kind: 'bug',
    publicText: 'More was to be sealed with the key of an organization than fits.',
  },
  ERR_BLOB_DISK_FULL: { kind: 'temporary', publicText: 'There is no room to store the message just now.' },
  ERR_BLOB_UNAVAILABLE: { kind: 'temporary', publicText: 'The store of messages cannot be reached just now.' },
  ERR_BLOB_MISSING: { kind: 'permanent', publicText: 'Stored content is gone.' },
  ERR_BLOB_DAMAGED: { kind: 'permanent', publicText: 'Stored content is damaged.' },
  ERR_JUDGE_UNAVAILABLE: { kind: 'temporary', publicText: 'Messages cannot be judged just now.' },
  ERR_JUDGE_FAILED: { kind: 'temporary', publicText: 'The message could not be judged just now.' },
  ERR_JUDGE_CRASHED: {
    kind: 'invalid',
    publicText: 'The message takes more memory to be judged than a message may take.',
  },
  ERR_RELAY_URL_INVALID: { kind: 'invalid', publicText: 'The URL of the relay cannot be used.' },
  ERR_QUEUE_UNAVAILABLE: { kind: 'temporary', publicText: 'The queue cannot be reached just now.' },
  ERR_DATABASE_AWAY: { kind: 'temporary', publicText: 'The database cannot be reached just now.' },
  ERR_DATABASE_BUSY: { kind: 'temporary', publicText: 'The database has too much to do just now.' },
  ERR_DATABASE_FAILED: { kind: 'temporary', publicText: 'The database refused a statement.' },
  ERR_DATABASE_FULL: { kind: 'temporary', publicText: 'The database has no room left just now.' },
  ERR_DATABASE_MIGRATION: { kind: 'permanent', publicText: 'The database cannot be brought up to date.' },
  ERR_DATABASE_ROLE: {
    kind: 'permanent',
    publicText: 'The role that the database is used as may do more than it should.',
  },
  ERR_DATABASE_UNMIGRATED: { kind: 'temporary', publicText: 'The database is not up to date.' },
  ERR_DATABASE_VALUE: { kind: 'invalid', publicText: 'A value is not one that the database can keep.' },
  ERR_CURSOR_INVALID: { kind: 'invalid', publicText: 'The cursor is not one of this list.' },
  ERR_RECORD_MISSING: { kind: 'bug', publicText: 'Something was to be written about a message that is not there.' },
  ERR_RULE_SET_MISSING: { kind: 'permanent', publicText: 'The rule set that a message is to be judged by is gone.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of this lib's codes. */
export type AdapterErrorCode = keyof typeof CODES;

/** An error of this lib; kind and sentence follow from the code. */
export class AdapterError extends AppError<AdapterErrorCode> {
  constructor(
    code: AdapterErrorCode,
    more: { readonly detail?: Readonly<Record<string, string | number | boolean>>; readonly cause?: unknown } = {},
  ) {
    super(code, { ...CODES[code], ...more });
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const adapterErrorCodes: readonly AdapterErrorCode[] = Object.keys(CODES) as AdapterErrorCode[];

/** The system's code of an error (`ENOENT`, `ECONNREFUSED`); `UNKNOWN` if it has none. Safe for logs. */
export function systemCodeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
