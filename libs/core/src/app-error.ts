/** What the caller may do about an error: mend the input, try again, give up, or report a defect of ours. */
export type ErrorKind = 'invalid' | 'temporary' | 'permanent' | 'bug';

export interface AppErrorInit {
  /** See {@link ErrorKind}. Decided where the error is born, never where it is caught. */
  readonly kind: ErrorKind;
  /** A constant English sentence that may be shown to anyone: no body, address, key or value in it. */
  readonly publicText: string;
  /** Safe facts for logs and events (names of limits, counts, codes); never content, addresses or secrets. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * The one base class of our errors. Each lib has its own subclass over a closed union of codes (`ERR_NOUN_STATE`), and
 * each code has a heading in docs/errors.md. The message of the error is its public sentence.
 */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly publicText: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;

  constructor(code: Code, init: AppErrorInit) {
    super(init.publicText, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = new.target.name;
    this.code = code;
    this.kind = init.kind;
    this.publicText = init.publicText;
    this.detail = init.detail ?? {};
  }
}

/** Whether it is an error of ours, of whatever lib. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}
