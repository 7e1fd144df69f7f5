import type { Clock } from '#lib/core';

const OWNERS_MAX = 50_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A token bucket for each owner: so many requests a second for ever, and as many at once as a second brings. Bounded: the
 * owner who was seen longest ago is forgotten first, which can only let through more.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly perSecondMax: number,
    private readonly clock: Clock,
  ) {}

  /** Takes a token; `false` if there is none. */
  take(owner: string): boolean {
    const nowMs = this.clock.now().getTime();
    const bucket = this.#buckets.get(owner) ?? { tokens: this.perSecondMax, atMs: nowMs };
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * this.perSecondMax;
    bucket.tokens = Math.min(this.perSecondMax, bucket.tokens + gained);
    bucket.atMs = nowMs;
    this.#buckets.delete(owner);
    this.#buckets.set(owner, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > OWNERS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
