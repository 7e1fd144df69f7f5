import type { Clock } from '#lib/core';

const FOUND_MS = 5_000;
const UNKNOWN_MS = 2_000;
const DOMAINS_MAX = 10_000;

interface Answer {
  readonly organizationId: string | undefined;
  readonly untilMs: number;
}

/** Whose domain one is, remembered for a few seconds. Errors of the database come through and are not remembered. */
export class Organizations {
  readonly #answers = new Map<string, Answer>();
  readonly #flights = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly store: { findByDomain(domain: string): Promise<string | undefined> },
    private readonly clock: Clock,
  ) {}

  async findByDomain(domain: string): Promise<string | undefined> {
    const known = this.#answers.get(domain);
    if (known !== undefined && known.untilMs > this.#nowMs()) return known.organizationId;
    const flight = this.#flights.get(domain) ?? this.#ask(domain);
    this.#flights.set(domain, flight);
    return await flight;
  }

  async #ask(domain: string): Promise<string | undefined> {
    try {
      const organizationId = await this.store.findByDomain(domain);
      this.#answers.delete(domain);
      const untilMs = this.#nowMs() + (organizationId === undefined ? UNKNOWN_MS : FOUND_MS);
      this.#answers.set(domain, { organizationId, untilMs });
      if (this.#answers.size > DOMAINS_MAX) this.#answers.delete(this.#answers.keys().next().value ?? '');
      return organizationId;
    } finally {
      this.#flights.delete(domain);
    }
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}
