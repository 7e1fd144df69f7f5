import { ApiError } from '../problem/api-error.js';

/** So many bodies may be taken in at once; who comes when all are taken is told to come again. */
export class BodySlots {
  #taken = 0;

  constructor(private readonly slotsMax: number) {}

  /** Runs with a slot. Error: `ERR_SERVER_BUSY`, before anything of the body is read. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.slotsMax) throw new ApiError('ERR_SERVER_BUSY', { retryAfterSeconds: 1 });
    this.#taken += 1;
    try {
      return await work();
    } finally {
      this.#taken -= 1;
    }
  }
}
