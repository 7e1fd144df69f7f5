import { AdapterError, adapterErrorCodes, type AdapterErrorCode } from '#lib/adapters';
import { cryptoErrorCodes, cryptoErrorText, type CryptoErrorCode } from '#lib/crypto';
import { apiErrorCodes, apiErrorText, type ApiErrorCode } from './api-error.js';
import type { ErrorCode } from './problem-table.js';

/** The public sentence of a code that a route may answer; '' for codes that only come with their error. */
export function errorText(code: ErrorCode): string {
  if (isOf(apiErrorCodes, code)) return apiErrorText(code as ApiErrorCode);
  if (isOf(adapterErrorCodes, code)) return new AdapterError(code as AdapterErrorCode).publicText;
  if (isOf(cryptoErrorCodes, code)) return cryptoErrorText(code as CryptoErrorCode);
  return '';
}

function isOf(codes: readonly string[], code: string): boolean {
  return codes.includes(code);
}
