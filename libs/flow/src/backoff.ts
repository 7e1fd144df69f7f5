import { createHash } from 'node:crypto';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** After this long without success a delivery is given up. */
export const GIVE_UP_AFTER_MS = 5 * 24 * HOUR_MS;
/** After this long the sender is told, once, that a delivery is late. */
export const DELAY_NOTICE_AFTER_MS = 4 * HOUR_MS;
/** How long mail waits where no relay is configured. */
export const NO_RELAY_DELAY_MS = 15 * SECOND_MS;

/** Wait before the attempt after `attempts` failed ones: one minute, doubling up to four hours, less up to a fifth. */
export function emitDelayMs(deliveryId: string, attempts: number): number {
  return jittered(deliveryId, attempts, MINUTE_MS, 4 * HOUR_MS);
}

/** Wait before a message is processed again after `tries` claims: one second, doubling up to five minutes, likewise. */
export function processDelayMs(messageId: string, tries: number): number {
  return jittered(messageId, tries, SECOND_MS, 5 * MINUTE_MS);
}

/** The jitter comes from the id and the count: it spreads messages, and is the same whenever it is asked for. */
function jittered(id: string, count: number, firstMs: number, mostMs: number): number {
  const fullMs = Math.min(firstMs * 2 ** Math.min(Math.max(count - 1, 0), 30), mostMs);
  const fraction = createHash('sha256').update(`${id} ${count}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(fullMs * (0.8 + 0.2 * fraction));
}
