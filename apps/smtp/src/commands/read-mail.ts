import type { Envelope } from '#lib/flow';
import { DoorError } from '../replies/door-error.js';
import type { PathCommand } from './parse-path-command.js';
import { isEnvid, parseRet } from './parse-dsn.js';

/** SIZE and BODY are the library's; AUTH (RFC 4954 section 5) is taken and means nothing to us. */
const KNOWN = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID', 'AUTH']);

/**
 * MAIL FROM as the envelope has it. Errors: `ERR_PARAMETER_UNKNOWN`, `ERR_PARAMETER_MALFORMED`, `ERR_SMTPUTF8_MISSING`.
 */
export function readMail({ address, args, isAscii }: PathCommand): Omit<Envelope, 'rcptTo'> {
  const { RET, ENVID, SMTPUTF8, ...others } = args === false ? {} : args;
  if (Object.keys(others).some((key) => !KNOWN.has(key))) throw new DoorError('ERR_PARAMETER_UNKNOWN');
  if (!isAscii && SMTPUTF8 !== true) throw new DoorError('ERR_SMTPUTF8_MISSING');
  const dsnReturn = RET === undefined ? null : parseRet(String(RET));
  if (dsnReturn === undefined || (ENVID !== undefined && !isEnvid(String(ENVID)))) {
    throw new DoorError('ERR_PARAMETER_MALFORMED');
  }
  return { mailFrom: address, dsnReturn, envid: ENVID === undefined ? null : String(ENVID) };
}
