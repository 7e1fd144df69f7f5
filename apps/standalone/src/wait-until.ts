import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is `true`, at most so long; whether it came to be. Errors count as "not yet". */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  intervalMs = 100,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (await attempt(condition)) return true;
    if (performance.now() > end) return false;
    await delay(intervalMs);
  }
}

async function attempt(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition();
  } catch {
    return false;
  }
}
