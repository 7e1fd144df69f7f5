import type { RecipientCertificate, RecipientKeys } from '../ports.js';

/** Recipients' certificates in memory, for tests; each of them is usable. */
export class InMemoryKeys implements RecipientKeys {
  readonly certificates: RecipientCertificate[] = [];

  /** The newest comes first. */
  add(address: string, der: Uint8Array): void {
    this.certificates.unshift({ id: `certificate-${this.certificates.length}`, address, der });
  }

  usable(_organizationId: string, addresses: readonly string[]): Promise<readonly RecipientCertificate[]> {
    return Promise.resolve(this.certificates.filter(({ address }) => addresses.includes(address)));
  }
}
