import type { Secret } from '#lib/core';

/** A certificate chain and its key, PEM. */
export interface TlsPair {
  readonly certificatePem: string;
  readonly keyPem: Secret;
}
