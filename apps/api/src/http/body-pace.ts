import { ApiError } from '../problem/api-error.js';

/** How slowly a body may come. */
export interface Pace {
  /** So long may be waited at any time. */
  readonly patienceMs: number;
  /** So many bytes give a millisecond of patience back. */
  readonly bytesPerMs: number;
}

/** A body that stops for 20 s, or comes for long with less than 8 KiB a second, holds a place that others need. */
const PACE: Pace = { patienceMs: 20_000, bytesPerMs: 8.192 };

/**
 * The pieces, as long as they come in time. Only waiting for the peer counts, not what is done with a piece.
 * Errors: `ERR_REQUEST_TIMEOUT`, and those of the source.
 */
export async function* inTime(
  source: AsyncIterator<Uint8Array>,
  pace: Pace = PACE,
): AsyncGenerator<Uint8Array, void, undefined> {
  let leftMs = pace.patienceMs;
  try {
    for (;;) {
      const startedAt = performance.now();
      const next = await within(leftMs, source.next());
      if (next.done === true) return;
      const piece = next.value;
      leftMs -= performance.now() - startedAt;
      leftMs = Math.min(pace.patienceMs, Math.max(0, leftMs) + piece.length / pace.bytesPerMs);
      yield piece;
    }
  } finally {
    // Not waited for: it ends only when the piece comes that did not.
    void source.return?.().catch(() => undefined);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ApiError('ERR_REQUEST_TIMEOUT')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
