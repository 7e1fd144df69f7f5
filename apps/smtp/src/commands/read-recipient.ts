import { normalizeAddress } from '#lib/core';
import type { EnvelopeRecipient } from '#lib/flow';
import { DoorError } from '../replies/door-error.js';
import { isOrcpt, parseNotify } from './parse-dsn.js';
import type { PathCommand } from './parse-path-command.js';

/**
 * RCPT TO as the envelope has it; the address stays `postmaster` where that is all that was said.
 * Errors: `ERR_PARAMETER_UNKNOWN`, `ERR_PARAMETER_MALFORMED`, `ERR_SMTPUTF8_MISSING`.
 */
export function readRecipient(
  { address, args, isAscii }: PathCommand,
  options: { readonly isSmtpUtf8: boolean },
): EnvelopeRecipient {
  const { NOTIFY, ORCPT, ...others } = args === false ? {} : args;
  if (Object.keys(others).length > 0) throw new DoorError('ERR_PARAMETER_UNKNOWN');
  if (!isAscii && !options.isSmtpUtf8) throw new DoorError('ERR_SMTPUTF8_MISSING');
  const notify = NOTIFY === undefined ? null : parseNotify(String(NOTIFY));
  if (notify === undefined || (ORCPT !== undefined && !isOrcpt(String(ORCPT)))) {
    throw new DoorError('ERR_PARAMETER_MALFORMED');
  }
  const normalized = normalizeAddress(address) ?? address;
  return {
    address: normalized,
    notify,
    orcpt: ORCPT === undefined ? null : String(ORCPT),
    ...(normalized === address ? {} : { path: address }),
  };
}
