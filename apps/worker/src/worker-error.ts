import { AppError, type ErrorKind } from '#lib/core';

/** Every code of the worker itself with its kind and its one public sentence. */
const CODES = {
  ERR_WORKER_STOPPING: { kind: 'temporary', publicText: 'This worker is being stopped.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of the worker's own codes. */
export type WorkerErrorCode = keyof typeof CODES;

/** An error of the worker; kind and sentence follow from the code. */
export class WorkerError extends AppError<WorkerErrorCode> {
  constructor(code: WorkerErrorCode) {
    super(code, CODES[code]);
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const workerErrorCodes: readonly WorkerErrorCode[] = Object.keys(CODES) as WorkerErrorCode[];
