import type { Clock } from '#lib/core';

interface Bucket {
  tokens: number;
  atMs: number;
}

export interface TokenBucketOptions {
  /** What may happen at once. */
  readonly burst: number;
  /** What comes back in a second. */
  readonly perSecond: number;
  /** Names that are remembered; the longest unused goes first. */
  readonly namesMax?: number;
}

/** Limits how often something happens under a name: an address, a key. In this process only. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly options: TokenBucketOptions,
  ) {}

  /** Takes one token; `false` if there is none. */
  take(name: string): boolean {
    const tokens = this.#tokensOf(name);
    this.#keep(name, Math.max(tokens - 1, 0));
    return tokens >= 1;
  }

  /** Whether there is one, without taking it. */
  has(name: string): boolean {
    return this.#tokensOf(name) >= 1;
  }

  #tokensOf(name: string): number {
    const { burst, perSecond } = this.options;
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return burst;
    const elapsedSeconds = Math.max(this.#nowMs() - bucket.atMs, 0) / 1000;
    return Math.min(bucket.tokens + elapsedSeconds * perSecond, burst);
  }

  #keep(name: string, tokens: number): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens, atMs: this.#nowMs() });
    if (this.#buckets.size <= (this.options.namesMax ?? 10_000)) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      break;
    }
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}
