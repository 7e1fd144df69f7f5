import { createHash } from 'node:crypto';
import type { Secret } from '#lib/core';

const TOKENS_MAX = 10_000;

/**
 * Digests of tokens that were right not long ago. Whoever holds one may ask the database again, also from an address
 * where others have failed too often; whether it is still right the database says, every time.
 */
export class KnownTokens {
  readonly #digests = new Set<string>();

  has(token: Secret): boolean {
    return this.#digests.has(digestOf(token));
  }

  add(token: Secret): void {
    const digest = digestOf(token);
    this.#digests.delete(digest);
    const [oldest] = this.#digests;
    if (this.#digests.size >= TOKENS_MAX && oldest !== undefined) this.#digests.delete(oldest);
    this.#digests.add(digest);
  }

  forget(token: Secret): void {
    this.#digests.delete(digestOf(token));
  }
}

function digestOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('base64');
}
