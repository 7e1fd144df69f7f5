import type { Clock } from '#lib/core';
import { systemCodeOf } from '../errors.js';
import { RelayFailure } from './relay-reply.js';
import type { RelayTarget } from './relay-url.js';

/** How it stands with the relay, as short facts for the report of a process; times in RFC 3339. Nothing of credentials. */
export type RelayFacts = Readonly<
  Partial<Record<'relayReachedAt' | 'relayFailedSince' | 'relayFailedAt' | 'relayFailure' | 'relayHost', string>>
>;

/** Remembers whether the relay was there when it was last wanted. */
export class RelayReach {
  readonly #host: string;
  #reachedAt: string | undefined;
  #failed: { readonly since: string; readonly at: string; readonly code: string } | undefined;

  constructor(
    { host, port }: Pick<RelayTarget, 'host' | 'port'>,
    private readonly clock: Clock,
  ) {
    this.#host = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  reached(): void {
    this.#reachedAt = this.clock.now().toISOString();
    this.#failed = undefined;
  }

  failed(error: unknown): void {
    const at = this.clock.now().toISOString();
    this.#failed = { since: this.#failed?.since ?? at, at, code: codeOf(error) };
  }

  get facts(): RelayFacts {
    const reached = this.#reachedAt === undefined ? {} : { relayReachedAt: this.#reachedAt };
    if (this.#failed === undefined) return reached;
    const { since, at, code } = this.#failed;
    return { ...reached, relayFailedSince: since, relayFailedAt: at, relayFailure: code, relayHost: this.#host };
  }
}

/** The system's code where it has one (`ECONNREFUSED`, `ENOTFOUND`), the relay's own (`421`), or that of the library. */
function codeOf(error: unknown): string {
  const cause = error instanceof RelayFailure ? error.cause : error;
  const { originalCode, responseCode } = (cause ?? {}) as { originalCode?: unknown; responseCode?: unknown };
  if (typeof originalCode === 'string') return originalCode;
  if (typeof responseCode === 'number') return String(responseCode);
  const code = systemCodeOf(cause);
  return code === 'UNKNOWN' ? 'CLOSED' : code;
}
