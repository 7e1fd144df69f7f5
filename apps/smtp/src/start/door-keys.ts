import type { Kms } from '#lib/flow';
import { DoorError } from '../replies/door-error.js';

/** The keys, which come when the database has been there once and has an organization. */
export class DoorKeys implements Pick<Kms, 'newDataKey'> {
  #kms: Pick<Kms, 'newDataKey'> | undefined;

  open(kms: Pick<Kms, 'newDataKey'>): void {
    this.#kms = kms;
  }

  get isOpen(): boolean {
    return this.#kms !== undefined;
  }

  /** Error: `ERR_SMTP_STARTING` (temporary) before they have come, and those of the keys. */
  newDataKey(organizationId: string): ReturnType<Kms['newDataKey']> {
    if (this.#kms === undefined) return Promise.reject(new DoorError('ERR_SMTP_STARTING'));
    return this.#kms.newDataKey(organizationId);
  }
}
