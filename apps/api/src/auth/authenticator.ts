import type { ApiKey } from '#lib/adapters';
import { Secret } from '#lib/core';
import { ApiError } from '../problem/api-error.js';
import type { Platform } from '../platform.js';
import { AttemptLimit } from './attempt-limit.js';
import { KnownTokens } from './known-tokens.js';

const FAILURES_MAX = 100;
const TOKEN = /^[\x21-\x7e]{1,512}$/;

/** Finds whose key it is. After 100 wrong ones within a minute an address is told to wait; keys known to be right are not. */
export class Authenticator {
  readonly #known = new KnownTokens();
  readonly #limit: AttemptLimit;

  constructor(private readonly platform: Platform) {
    this.#limit = new AttemptLimit(FAILURES_MAX, platform.clock);
  }

  /** Errors: `ERR_API_KEY_INVALID` (401), `ERR_RATE_EXCEEDED` (429), and those of the database. */
  async authenticate(text: string, address: string): Promise<ApiKey> {
    const token = new Secret(text);
    const retryAfterSeconds = this.#limit.waitSeconds(address);
    if (retryAfterSeconds > 0 && !this.#known.has(token))
      throw new ApiError('ERR_RATE_EXCEEDED', { retryAfterSeconds });
    const apiKey = TOKEN.test(text) ? await this.platform.stores.apiKeys.authenticate(token) : undefined;
    if (apiKey === undefined) {
      this.#known.forget(token);
      this.#limit.failed(address);
      throw new ApiError('ERR_API_KEY_INVALID');
    }
    this.#known.add(token);
    return apiKey;
  }
}
