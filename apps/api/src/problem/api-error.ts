import { AppError, type ErrorKind } from '#lib/core';

/** Every code of the API itself with its kind and its one public sentence. */
const CODES = {
  ERR_JSON_MALFORMED: { kind: 'invalid', publicText: 'The body is not readable JSON.' },
  ERR_JSON_TOO_DEEP: { kind: 'invalid', publicText: 'The JSON of the body is nested too deep.' },
  ERR_REQUEST_MALFORMED: { kind: 'invalid', publicText: 'The request cannot be read.' },
  ERR_REQUEST_INVALID: { kind: 'invalid', publicText: 'The request can be read, but something in it is not valid.' },
  ERR_REQUEST_CANCELLED: { kind: 'invalid', publicText: 'The request ended before all of its body had come.' },
  ERR_REQUEST_HEAD_TOO_LARGE: {
    kind: 'invalid',
    publicText: 'Address and header of the request are larger than this server takes.',
  },
  ERR_REQUEST_TIMEOUT: { kind: 'temporary', publicText: 'The request did not come to its end in time.' },
  ERR_BODY_TOO_LARGE: { kind: 'invalid', publicText: 'The body is larger than this address takes.' },
  ERR_MEDIA_TYPE_UNSUPPORTED: { kind: 'invalid', publicText: 'This address does not take bodies of this type.' },
  ERR_API_KEY_MISSING: { kind: 'invalid', publicText: 'This address needs an API key: Authorization: Bearer.' },
  ERR_API_KEY_INVALID: { kind: 'invalid', publicText: 'The API key is not known, or it has expired.' },
  ERR_SCOPE_MISSING: { kind: 'invalid', publicText: 'The API key has not the scope that this needs.' },
  ERR_SENDER_FOREIGN: { kind: 'invalid', publicText: "An API key may send for the organization's own domains only." },
  ERR_ROUTE_UNKNOWN: { kind: 'invalid', publicText: 'There is nothing at this address.' },
  ERR_RESOURCE_UNKNOWN: { kind: 'invalid', publicText: 'There is no such thing, or it is not yours.' },
  ERR_METHOD_REFUSED: { kind: 'invalid', publicText: 'This is not allowed here.' },
  ERR_IF_MATCH_MISSING: {
    kind: 'invalid',
    publicText: 'This needs If-Match with the ETag that GET answers, such as "3", or * for whatever is there.',
  },
  ERR_IF_MATCH_MALFORMED: { kind: 'invalid', publicText: 'If-Match is a list of entity tags such as "3", or *.' },
  ERR_VERSION_STALE: { kind: 'invalid', publicText: 'It was changed meanwhile: If-Match names another version.' },
  ERR_IDEMPOTENCY_CONFLICT: {
    kind: 'invalid',
    publicText: 'This Idempotency-Key was used for another message within the last 24 hours.',
  },
  ERR_API_KEY_LAST: { kind: 'invalid', publicText: 'This is the last API key with the scope admin.' },
  ERR_LOGIN_FAILED: { kind: 'invalid', publicText: 'The API key is not known, or has not the scope queues.' },
  ERR_STATE_UNFIT: { kind: 'invalid', publicText: 'Nothing here is in a state in which this can be done.' },
  ERR_RATE_EXCEEDED: { kind: 'temporary', publicText: 'Too many requests; try again later.' },
  ERR_STARTING: {
    kind: 'temporary',
    publicText: 'The database has not been there yet since the start; try again later.',
  },
  ERR_SERVER_BUSY: { kind: 'temporary', publicText: 'Too much is being taken in at this moment; try again later.' },
  ERR_CONNECTOR_UNKNOWN: { kind: 'invalid', publicText: 'There is no such connector.' },
  ERR_WEBHOOK_SIGNATURE: { kind: 'invalid', publicText: 'The webhook is not signed as it should be.' },
  ERR_WEBHOOK_STALE: { kind: 'invalid', publicText: 'The time of the webhook is outside of the window.' },
  ERR_WEBHOOK_REPLAYED: { kind: 'invalid', publicText: 'The token of the webhook was used for something else.' },
  ERR_WEBHOOK_MALFORMED: { kind: 'invalid', publicText: 'The webhook is not what this provider sends.' },
  ERR_WEBHOOK_TYPE: { kind: 'invalid', publicText: 'The webhook has a content type that this provider does not use.' },
  ERR_WEBHOOK_TOO_LARGE: {
    kind: 'invalid',
    publicText: 'The message in the webhook is larger than this server takes.',
  },
  ERR_SERVER_FAILED: { kind: 'bug', publicText: 'Something went wrong on our side.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of the API's own codes. */
export type ApiErrorCode = keyof typeof CODES;

/** One thing wrong with a request: where (JSON pointer), which (stable code), and a sentence. */
export interface RequestProblem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** An error of the API; kind and sentence follow from the code. */
export class ApiError extends AppError<ApiErrorCode> {
  /** Every problem of the request, not only the first. */
  readonly problems: readonly RequestProblem[];
  /** What the caller may wait before the next try, seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** Where the peer decides which status means what (webhooks); else the table says it. */
  readonly status: number | undefined;
  /** What to do about it, as a constant sentence for the caller, where that depends on more than the code. */
  readonly hint: string | undefined;

  constructor(
    code: ApiErrorCode,
    more: {
      readonly problems?: readonly RequestProblem[];
      readonly retryAfterSeconds?: number;
      readonly status?: number;
      readonly hint?: string;
      readonly detail?: Readonly<Record<string, string | number | boolean>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, { ...CODES[code], ...more });
    this.problems = more.problems ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.status = more.status;
    this.hint = more.hint;
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const apiErrorCodes: readonly ApiErrorCode[] = Object.keys(CODES) as ApiErrorCode[];

/** The public sentence of a code of the API. */
export function apiErrorText(code: ApiErrorCode): string {
  return CODES[code].publicText;
}

/** A request that can be read and is wrong. */
export function invalid(...problems: readonly RequestProblem[]): ApiError {
  return new ApiError('ERR_REQUEST_INVALID', { problems });
}
