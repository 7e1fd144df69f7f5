import { domainOf } from '#lib/core';
import { ApiError } from '../problem/api-error.js';

const NO_DOMAINS = 'It has none yet: SEALFLOW_ORG_DOMAINS gives it some at the next start.';

/** An API key speaks for the organization's domains only, never for the null sender. Error: `ERR_SENDER_FOREIGN` (403). */
export function requireOwnSender(mailFrom: string, acceptedDomains: readonly string[]): void {
  if (mailFrom === '' || !acceptedDomains.includes(domainOf(mailFrom))) {
    throw new ApiError('ERR_SENDER_FOREIGN', acceptedDomains.length === 0 ? { hint: NO_DOMAINS } : {});
  }
}
