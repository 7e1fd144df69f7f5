import { AdapterError, adapterErrorCodes, type AdapterErrorCode } from '#lib/adapters';
import { cryptoErrorCodes, cryptoErrorText, type CryptoErrorCode } from '#lib/crypto';
import { FlowError, flowErrorCodes, type FlowErrorCode } from '#lib/flow';
import { MailError, mailErrorCodes, type MailErrorCode } from '#lib/mail';
import { apiErrorCodes, apiErrorText, type ApiErrorCode } from './api-error.js';
import type { ErrorCode } from './problem-table.js';

/** The public sentence of a code that a route may answer. */
export function errorText(code: ErrorCode): string {
  if (isOf(apiErrorCodes, code)) return apiErrorText(code as ApiErrorCode);
  if (isOf(adapterErrorCodes, code)) return new AdapterError(code as AdapterErrorCode).publicText;
  if (isOf(cryptoErrorCodes, code)) return cryptoErrorText(code as CryptoErrorCode);
  if (isOf(mailErrorCodes, code)) return new MailError(code as MailErrorCode).publicText;
  if (isOf(flowErrorCodes, code)) return new FlowError(code as FlowErrorCode).publicText;
  throw new RangeError(`no route answers ${code}`);
}

function isOf(codes: readonly string[], code: string): boolean {
  return codes.includes(code);
}
