import { AdapterError } from '../errors.js';
import { isOfWholeDatabase } from './database-error.js';

const CALLS_MAX = 256;
const ROWS_MAX = 10_000;
const WAITING_MAX = 20_000;

interface Call<Input, Output> {
  readonly input: Input;
  readonly rows: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane<Input, Output> {
  readonly waiting: Call<Input, Output>[];
}

export interface GroupCommitOptions<Input, Output> {
  /** Writes all in one transaction: an output for each input, in order, or an error and nothing is written. */
  readonly write: (organizationId: string, inputs: readonly Input[]) => Promise<readonly Output[]>;
  /** About how many rows an input makes; a batch has at most 10,000 unless one alone has more. */
  readonly rowsOf?: (input: Input) => number;
  /** Inputs of the same key are never in one batch: the later one comes in the next. */
  readonly keyOf?: (input: Input) => string;
}

/**
 * Calls that meet are written together, for each organization by itself: what comes while a batch is being written makes
 * the next one. Nobody waits for company. If a batch fails for one of its members, each is tried alone.
 */
export class GroupCommit<Input, Output> {
  readonly #options: GroupCommitOptions<Input, Output>;
  readonly #lanes = new Map<string, Lane<Input, Output>>();

  constructor(options: GroupCommitOptions<Input, Output>) {
    this.#options = options;
  }

  run(organizationId: string, input: Input): Promise<Output> {
    let lane = this.#lanes.get(organizationId);
    const isNew = lane === undefined;
    lane ??= { waiting: [] };
    if (lane.waiting.length >= WAITING_MAX) return Promise.reject(new AdapterError('ERR_DATABASE_BUSY'));
    const { waiting } = lane;
    const rows = this.#options.rowsOf?.(input) ?? 1;
    const written = new Promise<Output>((resolve, reject) => waiting.push({ input, rows, resolve, reject }));
    if (isNew) {
      this.#lanes.set(organizationId, lane);
      void this.#drain(organizationId, lane);
    }
    return written;
  }

  async #drain(organizationId: string, lane: Lane<Input, Output>): Promise<void> {
    // All that the sockets have brought by now comes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (lane.waiting.length > 0) await this.#write(organizationId, takeBatch(lane.waiting, this.#options.keyOf));
    this.#lanes.delete(organizationId);
  }

  async #write(organizationId: string, calls: readonly Call<Input, Output>[]): Promise<void> {
    try {
      const outputs = await this.#options.write(
        organizationId,
        calls.map(({ input }) => input),
      );
      for (const [index, { resolve }] of calls.entries()) resolve(outputs[index] as Output);
    } catch (error) {
      if (calls.length === 1 || isOfWholeDatabase(error)) {
        for (const { reject } of calls) reject(error);
        return;
      }
      for (const call of calls) await this.#write(organizationId, [call]);
    }
  }
}

function takeBatch<Input, Output>(
  waiting: Call<Input, Output>[],
  keyOf: ((input: Input) => string) | undefined,
): Call<Input, Output>[] {
  const keys = new Set<string>();
  let count = 0;
  let rows = 0;
  for (const call of waiting) {
    rows += call.rows;
    if (count === CALLS_MAX || (count > 0 && rows > ROWS_MAX)) break;
    if (keyOf !== undefined && keys.size === keys.add(keyOf(call.input)).size) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
