import { DELAY_NOTICE_AFTER_MS, emitDelayMs, GIVE_UP_AFTER_MS, NO_RELAY_DELAY_MS } from './backoff.js';
import type { EventType, FlowEvent } from './events.js';
import type { Accepted, Emitted, PlannedRecipient, RelayResult } from './message.js';
import type { NotifyRequest, RecipientClose } from './ports.js';
import { Telling, type Fate } from './telling.js';

/** What one transaction with the relay means for its recipients. */
export interface Settled {
  readonly recipients: readonly RecipientClose[];
  readonly notify: readonly NotifyRequest[];
  readonly events: readonly FlowEvent[];
  /** When those that are left are due again. */
  readonly dueAt: Date | null;
}

const STATUS = /^(?:\d{3}[ -])?\s*([245]\.\d{1,3}\.\d{1,3})\b/;
const TOO_LATE = '5.4.7';

/** The enhanced status (RFC 3463) of a reply; where it has none, the class alone. */
export function statusOf(reply: string, outcome: RelayResult['outcome']): string {
  const expected = { delivered: '2', temporary: '4', permanent: '5' }[outcome];
  const status = STATUS.exec(reply)?.[1];
  return status?.startsWith(expected) === true ? status : `${expected}.0.0`;
}

/**
 * Temporary: due again after a growing delay, the sender told once after 4 hours, given up 5 days after the first
 * attempt (mail that was held meanwhile has all of its five days). Permanent: bounced. Where there is no relay mail waits,
 * and no attempt is counted.
 */
export function settle(emitted: Emitted, accepted: Accepted, now: Date): Settled {
  const { outgoing, isAttempted } = emitted;
  const records = new Map(accepted.recipients.map((recipient) => [recipient.address, recipient]));
  const recipients: RecipientClose[] = [];
  const fates = { delivered: [] as Fate[], passedOn: [] as Fate[], late: [] as Fate[], bounced: [] as Fate[] };
  const named: Record<'delivered' | 'deferred' | 'bounced', string[]> = { delivered: [], deferred: [], bounced: [] };
  let dueAt: Date | null = null;
  const isNewlyDeferred = outgoing.recipients.some(({ address }) => records.get(address)?.state !== 'deferred');
  for (const [index, result] of emitted.results.entries()) {
    const recipient = outgoing.recipients[index];
    if (recipient === undefined) continue;
    const record = records.get(result.address);
    const sinceMs = now.getTime() - Date.parse(record?.firstAttemptAt ?? now.toISOString());
    const isGivenUp = isAttempted && result.outcome === 'temporary' && sinceMs >= GIVE_UP_AFTER_MS;
    const state = isGivenUp
      ? 'bounced'
      : ({ delivered: 'delivered', temporary: 'deferred', permanent: 'bounced' } as const)[result.outcome];
    const fate = fateOf(recipient, result, isGivenUp);
    named[state].push(result.address);
    recipients.push(closeOf(emitted, recipient, state, result));
    if (state === 'delivered') (result.isDsnPassedOn === true ? fates.passedOn : fates.delivered).push(fate);
    if (state === 'bounced') fates.bounced.push(fate);
    if (state !== 'deferred') continue;
    if (isAttempted && sinceMs >= DELAY_NOTICE_AFTER_MS) fates.late.push(fate);
    const delayMs = isAttempted ? emitDelayMs(outgoing.deliveryId, (record?.attempts ?? 0) + 1) : NO_RELAY_DELAY_MS;
    const due = new Date(now.getTime() + delayMs);
    if (dueAt === null || due < dueAt) dueAt = due;
  }
  const telling = new Telling(accepted);
  const events: FlowEvent[] = [];
  const event = (type: EventType, detail: FlowEvent['detail']): void => {
    events.push({ type, at: now, detail: { delivery: outgoing.deliveryId, ...detail } });
  };
  if (isAttempted) event('emitted', { protection: outgoing.protection, recipients: outgoing.recipients.length });
  for (const state of ['delivered', 'bounced', 'deferred'] as const) {
    if (named[state].length === 0) continue;
    // Waiting for a relay is said once, not every 15 seconds.
    if (state === 'deferred' && !isAttempted && !isNewlyDeferred) continue;
    event(state, { recipients: named[state], ...(state === 'deferred' ? { isAttempted } : {}) });
  }
  return {
    recipients,
    notify: [
      ...telling.relayed(fates.delivered),
      ...telling.undelivered(fates.bounced),
      ...telling.delayed(outgoing.deliveryId, fates.late),
    ],
    events,
    dueAt,
  };
}

function fateOf({ address, origin }: PlannedRecipient, { outcome, reply }: RelayResult, isGivenUp: boolean): Fate {
  const text = isGivenUp ? `Given up after 5 days; the last reply was: ${reply}` : reply;
  return { address, origin, status: isGivenUp ? TOO_LATE : statusOf(reply, outcome), reply: text };
}

function closeOf(
  { outgoing, isAttempted }: Emitted,
  { address, origin, rules }: PlannedRecipient,
  state: 'delivered' | 'deferred' | 'bounced',
  { reply }: RelayResult,
): RecipientClose {
  return {
    address,
    origin,
    state,
    protection: outgoing.protection,
    rules,
    code: null,
    parkedByRule: null,
    deliveryId: outgoing.deliveryId,
    lastReply: isAttempted ? reply : null,
    attempted: isAttempted,
  };
}
