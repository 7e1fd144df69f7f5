export { AppError, isAppError, type AppErrorInit, type ErrorKind } from './app-error.js';
export {
  domainOf,
  isAddressField,
  isUnderDomain,
  needsSmtpUtf8,
  normalizeAddress,
  normalizeDomain,
} from './addresses.js';
export { fixedClock, systemClock, type Clock } from './clock.js';
export { deriveId, isId, newId, type RandomBytes } from './ids.js';
export { Secret } from './secret.js';
