import { AppError, isAppError, type ErrorKind } from '#lib/core';

/** Every code of this lib with its kind and its one public sentence. Codes of holds are `invalid` or `permanent`. */
const CODES = {
  ERR_MESSAGE_TOO_LARGE: { kind: 'invalid', publicText: 'The message is larger than this server takes.' },
  ERR_MESSAGE_RETRIES: {
    kind: 'permanent',
    publicText: 'The message could not be processed after many tries and is held.',
  },
  ERR_MESSAGE_FAILED: { kind: 'temporary', publicText: 'The message could not be processed just now.' },
  ERR_LOOP_HOPS: { kind: 'invalid', publicText: 'The message has been through more than 50 mail servers.' },
  ERR_LOOP_MARK_TWICE: { kind: 'invalid', publicText: 'The message came back to this server more than once.' },
  ERR_JUDGE_TIMEOUT: { kind: 'invalid', publicText: 'The message took too long to be judged.' },
  ERR_RECIPIENT_UNJUDGED: { kind: 'bug', publicText: 'The rules gave no single answer for a recipient.' },
  ERR_KEY_MISSING: { kind: 'invalid', publicText: 'No usable key of the recipient is known.' },
  ERR_DIRECTORY_UNAVAILABLE: { kind: 'invalid', publicText: 'The directory could not be reached.' },
  ERR_DIRECTORY_TIMEOUT: { kind: 'invalid', publicText: 'The directory did not answer in time.' },
  ERR_DIRECTORY_INVALID: { kind: 'invalid', publicText: 'The directory gave an answer that cannot be used.' },
  ERR_DIRECTORY_LIMIT: { kind: 'invalid', publicText: 'The directory was to be asked, or has said, more than fits.' },
  ERR_SEAL_FAILED: { kind: 'permanent', publicText: 'The message could not be protected and is held.' },
  ERR_OUTGOING_FOREIGN: { kind: 'bug', publicText: 'Only what the act step made may leave.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of this lib's codes. */
export type FlowErrorCode = keyof typeof CODES;

/** What an entry of `DirectoryFacts` that could not be had says. */
export type DirectoryErrorCode = Extract<FlowErrorCode, `ERR_DIRECTORY_${string}`>;

/** An error of this lib; kind and sentence follow from the code. */
export class FlowError extends AppError<FlowErrorCode> {
  constructor(
    code: FlowErrorCode,
    more: { readonly detail?: Readonly<Record<string, string | number | boolean>>; readonly cause?: unknown } = {},
  ) {
    super(code, { ...CODES[code], ...more });
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const flowErrorCodes: readonly FlowErrorCode[] = Object.keys(CODES) as FlowErrorCode[];

/** The public sentence of a code, if it is one of this lib. */
export function flowErrorText(code: string): string | undefined {
  const texts: Readonly<Record<string, { readonly publicText: string }>> = CODES;
  return Object.hasOwn(texts, code) ? texts[code]?.publicText : undefined;
}

/**
 * The code of an error that trying again will not mend, or `undefined`: temporary ones, and whatever is not an error of
 * ours. Once we hold the mail an unknown error is temporary.
 */
export function lastingCode(error: unknown): string | undefined {
  return isAppError(error) && error.kind !== 'temporary' ? error.code : undefined;
}
