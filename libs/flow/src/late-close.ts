import type { EventType } from './events.js';
import type { CloseInput } from './ports.js';

const OF_ATTEMPTS: ReadonlySet<EventType> = new Set(['emitted', 'delivered', 'bounced']);

/**
 * What a run may still write that has lost its claim: the copies that did leave. Everything else is the matter of whoever
 * has the claim now, or of the person who decided meanwhile. A copy that the relay refused or put off changes nothing:
 * nobody has it. `null` if nothing is left to be written.
 */
export function lateClose(input: CloseInput, isDelivered: (address: string) => boolean): CloseInput | null {
  const recipients = input.recipients.filter(({ state, address }) => state === 'delivered' && !isDelivered(address));
  if (recipients.length === 0) return null;
  const tried = new Set(input.recipients.flatMap((one) => (one.attempted ? [one.deliveryId] : [])));
  const sent = new Set(recipients.map(({ deliveryId }) => deliveryId));
  return {
    ...input,
    recipients,
    deliveries: input.deliveries.filter(({ id }) => sent.has(id)),
    events: input.events.filter(
      ({ type, detail }) => OF_ATTEMPTS.has(type) && tried.has(String(detail['delivery'] ?? '')),
    ),
    notify: input.notify.filter(({ type }) => type === 'success'),
    sealedTrace: null,
    sealedSummary: null,
    ruleSetUsed: null,
    judging: null,
    emitAt: null,
  };
}
