import type { ApiKeyStore, Scope } from '#lib/adapters';
import type { Clock } from '#lib/core';
import type { Session } from './session-cookie.js';

const FRESH_MS = 10_000;
const PAGES_MAX = 50;
const NEEDED: Scope = 'queues';

/** Whether the key of a session may still be used: a cookie must not outlive it by more than ten seconds. */
export class LivingKeys {
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly apiKeys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  async has({ organizationId, apiKeyId }: Session): Promise<boolean> {
    const nowMs = this.clock.now().getTime();
    if (nowMs - (this.#seen.get(apiKeyId) ?? -Infinity) < FRESH_MS) return true;
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, nextCursor } = await this.apiKeys.list(organizationId, { limit: 200, cursor });
      const found = items.find(({ id }) => id === apiKeyId);
      if (found !== undefined) {
        const isAlive = found.expiresAt === null || new Date(found.expiresAt).getTime() > nowMs;
        if (isAlive && found.scopes.includes(NEEDED)) this.#seen.set(apiKeyId, nowMs);
        return isAlive && found.scopes.includes(NEEDED);
      }
      if (nextCursor === null) return false;
      cursor = nextCursor;
    }
    return false;
  }
}
