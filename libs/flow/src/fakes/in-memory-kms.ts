import { createHash } from 'node:crypto';
import { Secret } from '#lib/core';
import type { DataKey, Kms } from '../ports.js';

/** Keys in memory, for tests: made of a counter, wrapped by being written backwards. */
export class InMemoryKms implements Kms {
  /** Errors that the next openings of a data key end with. */
  readonly failures: Error[] = [];
  #count = 0;

  newDataKey(organizationId: string): Promise<DataKey> {
    this.#count += 1;
    const key = sha256(`data key ${this.#count} of ${organizationId}`);
    return Promise.resolve({ key: new Secret<Uint8Array>(key), wrapped: reversed(key) });
  }

  async openDataKey(_organizationId: string, wrapped: Uint8Array): Promise<Secret<Uint8Array>> {
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    return new Secret<Uint8Array>(reversed(wrapped));
  }

  seal(_organizationId: string, plain: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve(reversed(plain));
  }

  open(_organizationId: string, sealed: Uint8Array): Promise<Secret<Uint8Array>> {
    return Promise.resolve(new Secret<Uint8Array>(reversed(sealed)));
  }

  secretFor(purpose: string): Promise<Secret<Uint8Array>> {
    return Promise.resolve(new Secret<Uint8Array>(sha256(`secret for ${purpose}`)));
  }
}

function reversed(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes).reverse();
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
