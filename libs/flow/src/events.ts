/**
 * The closed list of event types, past tense; docs/events.md has a heading for each (a test compares). `detail` is safe:
 * codes, counts, addresses of the message's own recipients; never content.
 */
export const EVENT_TYPES = [
  'accepted',
  'judged',
  'sealed',
  'emitted',
  'delivered',
  'deferred',
  'bounced',
  'held',
  'quarantined',
  'rejected',
  'deleted',
  'redirected',
  'audited',
  'released',
  'retried',
  'rejudged',
  'overridden',
  'notified',
  'closed',
  'contentDestroyed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export interface FlowEvent {
  readonly type: EventType;
  readonly at: Date;
  readonly detail: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}
