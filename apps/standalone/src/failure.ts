import { systemCodeOf } from '#lib/adapters';
import { AppError } from '#lib/core';

/** A reason not to start (or go on) that is told in one sentence, with what to do. */
export class Failure extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
  }
}

/** An error as people read it on the terminal: never a bare stack. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AppError) {
    const detail = Object.entries(error.detail).map(([name, value]) => `${name}: ${value}`);
    return `${error.publicText} (${[error.code, ...detail].join(', ')}; docs/errors.md says more)`;
  }
  if (!(error instanceof Error)) return String(error);
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'A file';
  switch (systemCodeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} cannot be read or written by this user: set SEALFLOW_DATA_DIR to a folder that is yours.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${path} is a file: set SEALFLOW_DATA_DIR to a folder.`;
    case 'ENOSPC':
      return 'The disk is full: make room and start again.';
    default:
      return 'syscall' in error && error.syscall === 'mkdir'
        ? `${path} cannot be made: set SEALFLOW_DATA_DIR to a folder that can be.`
        : error.message;
  }
}
