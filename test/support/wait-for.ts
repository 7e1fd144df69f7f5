import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Waits until a condition gives something that is neither `undefined`, `null` nor `false`, and returns that. Errors of
 * the condition count as "not yet"; the last one is the cause of the error after `timeoutMs` (15 s).
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000, intervalMs = 20 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`, { cause });
    await delay(intervalMs);
  }
}
