import { setTimeout as delay } from 'node:timers/promises';
import { createContext, Script } from 'node:vm';

/** Far above what the work takes on a busy machine, and below the timeout of a test. */
const LIMIT_MS = 25_000;
const ground = createContext({});
const script = new Script('work()');

/**
 * What `work` gives, which must not wait for anything. After 25 s it is interrupted, with an error: the timeout of a test
 * cannot do that to code that never waits. For inputs on which a wrong algorithm takes minutes.
 */
export function bounded<T>(work: () => T): T {
  ground['work'] = work;
  return script.runInContext(ground, { timeout: LIMIT_MS }) as T;
}

/**
 * Lets timers have their turn, so that the timeout of a test counts also where streams in memory, which wait for no timer,
 * took longer. To be awaited at the end of such a test.
 */
export async function turnOfTimers(): Promise<void> {
  await delay(1);
}
