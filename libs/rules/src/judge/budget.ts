/** The time that the conditions of one message may take together. */
export class Budget {
  readonly #endsAt: number;
  readonly #now: () => number;

  /** `now` is a stopwatch in milliseconds. */
  constructor(budgetMs: number, now: () => number) {
    this.#now = now;
    this.#endsAt = now() + budgetMs;
  }

  isSpent(): boolean {
    return this.#now() > this.#endsAt;
  }
}
