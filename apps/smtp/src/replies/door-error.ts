import { AppError, type ErrorKind } from '#lib/core';

/** Every code of the SMTP door itself with its kind and its one public sentence. */
const CODES = {
  ERR_RELAY_DENIED: { kind: 'invalid', publicText: 'Relaying denied.' },
  ERR_LINE_END_BARE: { kind: 'invalid', publicText: 'A bare CR or LF is no end of a line.' },
  ERR_PARAMETER_UNKNOWN: { kind: 'invalid', publicText: 'A parameter is not one that this server offers.' },
  ERR_PARAMETER_MALFORMED: { kind: 'invalid', publicText: 'A parameter has a value that it cannot have.' },
  ERR_SMTPUTF8_MISSING: { kind: 'invalid', publicText: 'This address needs SMTPUTF8.' },
  ERR_RECIPIENT_FOREIGN_ORGANIZATION: {
    kind: 'temporary',
    publicText: 'This recipient belongs to another organization; send it in a transaction of its own.',
  },
  ERR_SMTP_AUTH_FAILED: { kind: 'invalid', publicText: 'The credentials are not valid here.' },
  ERR_SMTP_AUTH_BLOCKED: { kind: 'temporary', publicText: 'Too many failed attempts; try again later.' },
  ERR_SMTP_AUTH_UNAVAILABLE: { kind: 'temporary', publicText: 'Credentials cannot be checked just now.' },
  ERR_SMTP_CONNECTIONS_MAX: { kind: 'temporary', publicText: 'Too many connections; try again later.' },
  ERR_SMTP_RATE_EXCEEDED: { kind: 'temporary', publicText: 'Too much at once; try again later.' },
  ERR_SMTP_CLIENT_GONE: { kind: 'temporary', publicText: 'The connection ended before the message had come.' },
  ERR_SMTP_CLOSING: { kind: 'temporary', publicText: 'This server is closing down.' },
  ERR_SMTP_STARTING: { kind: 'temporary', publicText: 'This server is still starting.' },
  ERR_SMTP_UNEXPECTED: { kind: 'temporary', publicText: 'Something went wrong on our side.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of the door's own codes. */
export type DoorErrorCode = keyof typeof CODES;

/** An error of the door; kind and sentence follow from the code. */
export class DoorError extends AppError<DoorErrorCode> {
  /** `say`: another constant sentence, where who asks may know more. */
  constructor(code: DoorErrorCode, { say, ...more }: { readonly cause?: unknown; readonly say?: string } = {}) {
    super(code, { ...CODES[code], ...(say === undefined ? {} : { publicText: say }), ...more });
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const doorErrorCodes: readonly DoorErrorCode[] = Object.keys(CODES) as DoorErrorCode[];
