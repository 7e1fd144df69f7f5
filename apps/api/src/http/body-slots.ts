import { ApiError } from '../problem/api-error.js';

/** More than this many requests in line, and the next is told to come again at once. Each holds a socket and little else. */
const WAITING_MAX = 1_000;
const WAIT_MS_MAX = 10_000;

/** So many bodies may be taken in at once; who comes when all are taken waits in line, for a while. */
export class BodySlots {
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly slotsMax: number,
    private readonly waitMsMax = WAIT_MS_MAX,
  ) {}

  /** Runs with a slot. Error: `ERR_SERVER_BUSY` after 10 s in line, before anything of the body is read. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.slotsMax) this.#taken += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      this.#giveOn();
    }
  }

  /** Resolves with a slot that another gave on. */
  async #turn(): Promise<void> {
    if (this.#waiting.size >= WAITING_MAX) throw busy();
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(turn);
        reject(busy());
      }, this.waitMsMax);
      this.#waiting.add(turn);
    });
  }

  #giveOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

function busy(): ApiError {
  return new ApiError('ERR_SERVER_BUSY', { retryAfterSeconds: 1 });
}
