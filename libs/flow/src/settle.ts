import { DELAY_NOTICE_AFTER_MS, emitDelayMs, GIVE_UP_AFTER_MS, NO_RELAY_DELAY_MS } from './backoff.js';
import type { FlowEvent } from './events.js';
import type { Accepted, Emitted, PlannedRecipient, RecipientRecord, RelayResult } from './message.js';
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
const STATES = { delivered: 'delivered', temporary: 'deferred', permanent: 'bounced' } as const;

/** The enhanced status (RFC 3463) of a reply; where it has none, the class alone. */
export function statusOf(reply: string, outcome: RelayResult['outcome']): string {
  const expected = { delivered: '2', temporary: '4', permanent: '5' }[outcome];
  const status = STATUS.exec(reply)?.[1];
  return status?.startsWith(expected) === true ? status : `${expected}.0.0`;
}

/** One recipient after the transaction. */
interface Settling {
  readonly recipient: PlannedRecipient;
  readonly result: RelayResult;
  readonly state: 'delivered' | 'deferred' | 'bounced';
  readonly fate: Fate;
  /** Deferred for so long that the sender is to be told. */
  readonly isLate: boolean;
  readonly dueAt: Date | null;
}

/**
 * Temporary: due again after a growing delay, the sender told once after 4 hours, given up 5 days after the first
 * attempt (mail that was held meanwhile has all of its five days). Permanent: bounced. Where there is no relay mail waits,
 * and no attempt is counted.
 */
export function settle(emitted: Emitted, accepted: Accepted, now: Date): Settled {
  const { deliveryId } = emitted.outgoing;
  const records = new Map(accepted.recipients.map((recipient) => [recipient.address, recipient]));
  const settling = emitted.outgoing.recipients.flatMap((recipient, index) => {
    const result = emitted.results[index];
    return result === undefined ? [] : [settleOne(emitted, recipient, result, records.get(recipient.address), now)];
  });
  const fatesOf = (state: Settling['state']): Settling[] => settling.filter((one) => one.state === state);
  const relayed = fatesOf('delivered').filter(({ result }) => result.isDsnPassedOn !== true);
  const telling = new Telling(accepted);
  const dueTimes = settling.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt.getTime()]));
  const isNew = settling.some(({ recipient }) => records.get(recipient.address)?.state !== 'deferred');
  return {
    recipients: settling.map((one) => closeOf(emitted, one)),
    notify: [
      ...telling.relayed(relayed.map(({ fate }) => fate)),
      ...telling.undelivered(fatesOf('bounced').map(({ fate }) => fate)),
      ...telling.delayed(
        deliveryId,
        settling.filter(({ isLate }) => isLate).map(({ fate }) => fate),
      ),
    ],
    events: eventsOf(emitted, settling, isNew, now),
    dueAt: dueTimes.length === 0 ? null : new Date(Math.min(...dueTimes)),
  };
}

function settleOne(
  { outgoing, isAttempted }: Emitted,
  recipient: PlannedRecipient,
  result: RelayResult,
  record: RecipientRecord | undefined,
  now: Date,
): Settling {
  const nowMs = now.getTime();
  const sinceMs = typeof record?.firstAttemptAt !== 'string' ? 0 : nowMs - Date.parse(record.firstAttemptAt);
  const isGivenUp = isAttempted && result.outcome === 'temporary' && sinceMs >= GIVE_UP_AFTER_MS;
  const state = isGivenUp ? 'bounced' : STATES[result.outcome];
  const delayMs = isAttempted ? emitDelayMs(outgoing.deliveryId, (record?.attempts ?? 0) + 1) : NO_RELAY_DELAY_MS;
  return {
    recipient,
    result,
    state,
    fate: fateOf(recipient, result, isGivenUp),
    isLate: isAttempted && state === 'deferred' && sinceMs >= DELAY_NOTICE_AFTER_MS,
    dueAt: state === 'deferred' ? new Date(nowMs + delayMs) : null,
  };
}

function eventsOf(
  { outgoing, isAttempted }: Emitted,
  settling: readonly Settling[],
  isNew: boolean,
  at: Date,
): FlowEvent[] {
  const { deliveryId: delivery, protection, recipients } = outgoing;
  const events: FlowEvent[] = [];
  if (isAttempted)
    events.push({ type: 'emitted', at, detail: { delivery, protection, recipients: recipients.length } });
  for (const state of ['delivered', 'bounced', 'deferred'] as const) {
    const named = settling.filter((one) => one.state === state).map(({ recipient }) => recipient.address);
    // Waiting for a relay is said once, not every 15 seconds.
    if (named.length === 0 || (state === 'deferred' && !isAttempted && !isNew)) continue;
    const more = state === 'deferred' ? { isAttempted } : {};
    events.push({ type: state, at, detail: { delivery, recipients: named, ...more } });
  }
  return events;
}

function fateOf({ address, origin }: PlannedRecipient, { outcome, reply }: RelayResult, isGivenUp: boolean): Fate {
  const text = isGivenUp ? `Given up after 5 days; the last reply was: ${reply}` : reply;
  return { address, origin, status: isGivenUp ? TOO_LATE : statusOf(reply, outcome), reply: text };
}

function closeOf({ outgoing, isAttempted }: Emitted, { recipient, state, result }: Settling): RecipientClose {
  return {
    ...recipient,
    state,
    protection: outgoing.protection,
    code: null,
    parkedByRule: null,
    deliveryId: outgoing.deliveryId,
    lastReply: isAttempted ? result.reply : null,
    attempted: isAttempted,
  };
}
