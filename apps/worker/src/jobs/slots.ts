/** Bounds how many messages are in hand at once, first come first served. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  readonly #forRoom: (() => void)[] = [];
  #max: number;
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Messages that are worked on now. */
  get running(): number {
    return this.#running;
  }

  /** Resolves when fewer wait and run than there are slots: only then is more to be claimed. Call `passOn` after it. */
  async room(): Promise<void> {
    while (this.#running + this.#waiting.length >= this.#max) {
      await new Promise<void>((resolve) => this.#forRoom.push(resolve));
    }
  }

  /** Whoever had room has taken what it wanted; the next may look. */
  passOn(): void {
    if (this.#running + this.#waiting.length < this.#max) this.#forRoom.shift()?.();
  }

  /** Does the work when a slot is free. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#max) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Lets everybody in, for ever: what waits is to be told that its turn does not come. */
  open(): void {
    this.#max = Number.POSITIVE_INFINITY;
    this.#running += this.#waiting.length;
    for (const next of [...this.#waiting.splice(0), ...this.#forRoom.splice(0)]) next();
  }

  /** The slot goes to who waits longest; else whoever waits for room may look. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
    this.passOn();
  }
}
