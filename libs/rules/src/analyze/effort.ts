/** How long an analysis may go on. Work is counted, not timed; between pieces of it others have their turn. */
export class Effort {
  #done = 0;

  /** `turn` is awaited about every thousand steps, a step being a microsecond or so. */
  constructor(
    private readonly stepsMax: number,
    private readonly turn: () => Promise<void> = () => Promise.resolve(),
  ) {}

  get isSpent(): boolean {
    return this.#done >= this.stepsMax;
  }

  /** Counts work that is done, and gives others a turn when there was much. */
  async spend(steps: number): Promise<void> {
    const before = Math.floor(this.#done / TURN_STEPS);
    this.#done += steps;
    if (Math.floor(this.#done / TURN_STEPS) > before) await this.turn();
  }
}

const TURN_STEPS = 1_000;
