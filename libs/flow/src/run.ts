import type { Verdict } from '#lib/rules';
import type { EventType, FlowEvent } from './events.js';
import type { Accepted, Disposition, PlannedRecipient, RecipientState } from './message.js';
import type { CloseInput, DeliveryClose, NotifyRequest, RecipientClose } from './ports.js';
import type { Settled } from './settle.js';
import { Telling, type Fate } from './telling.js';

const FINAL: ReadonlySet<RecipientState> = new Set(['delivered', 'bounced', 'rejected', 'deleted', 'redirected']);

/** What one run over one message has brought so far; the trace step makes the closing record of it. */
export class Run {
  readonly accepted: Accepted;
  readonly #recipients = new Map<string, RecipientClose>();
  readonly #deliveries: DeliveryClose[] = [];
  readonly #events: FlowEvent[] = [];
  readonly #notify: NotifyRequest[] = [];
  readonly #telling: Telling;
  #dueAt: Date | null = null;

  constructor(accepted: Accepted) {
    this.accepted = accepted;
    this.#telling = new Telling(accepted);
  }

  event(type: EventType, at: Date, detail: FlowEvent['detail']): void {
    this.#events.push({ type, at, detail });
  }

  /** Holds the whole message: every recipient in one of the states. */
  holdAll(code: string, at: Date, states: readonly RecipientState[] = ['pending']): void {
    const held = this.accepted.recipients.filter((recipient) => states.includes(recipient.state));
    for (const recipient of held) this.#close({ ...recipient, rules: null }, 'held', { code });
    if (held.length === 0) return;
    this.event('held', at, { code });
    this.#notify.push(...this.#telling.heldWhole(held.map((recipient) => fateOf(recipient, code))));
  }

  /** Recipients that get nothing now. */
  dispose(dispositions: readonly Disposition[], at: Date): void {
    const held: Fate[] = [];
    const heldWhole: Fate[] = [];
    const rejected: Fate[] = [];
    for (const one of dispositions) {
      const { state, code, rule, reply } = one;
      this.#close(one, state, {
        code: code ?? null,
        protection: one.protection ?? null,
        parkedByRule: state === 'quarantined' ? (rule ?? null) : null,
      });
      this.event(state, at, {
        recipient: one.address,
        ...(code === undefined ? {} : { code }),
        ...(rule === undefined ? {} : { rule }),
      });
      // What no rule asked for is a matter of the message, not of this copy.
      const isOfMessage = rule === undefined && one.protection === undefined;
      if (state === 'held') (isOfMessage ? heldWhole : held).push(fateOf(one, code ?? ''));
      if (state === 'rejected') rejected.push(fateOf(one, reply?.enhancedStatusCode ?? '5.7.1', reply?.text));
    }
    this.#notify.push(...this.#telling.held(held), ...this.#telling.heldWhole(heldWhole));
    this.#notify.push(...this.#telling.rejected(rejected));
  }

  /** A rule's `audit` action, or a rule in an audit mode that would have acted. */
  audited({ rule, severity, mode, recipients }: Verdict['audits'][number], at: Date): void {
    this.event('audited', at, { rule, severity, mode, recipients });
    if (mode === 'auditAndNotify') this.#notify.push(...this.#telling.audited(rule, recipients));
  }

  /** What came of one transaction with the relay, and the copy that it was about. */
  settle(settled: Settled, delivery: DeliveryClose): void {
    for (const recipient of settled.recipients) this.#recipients.set(recipient.address, recipient);
    this.#deliveries.push(delivery);
    this.#events.push(...settled.events);
    this.#notify.push(...settled.notify);
    this.#soonest(settled.dueAt);
  }

  /** Others of this message are still deferred: the row stays due for them. */
  stillDeferred(dueAtOf: (deliveryId: string, attempts: number) => Date): void {
    for (const { address, state, deliveryId, attempts } of this.accepted.recipients) {
      if (state !== 'deferred' || this.#recipients.has(address)) continue;
      this.#soonest(dueAtOf(deliveryId ?? this.accepted.id, attempts));
    }
  }

  #soonest(dueAt: Date | null): void {
    if (dueAt !== null && (this.#dueAt === null || dueAt < this.#dueAt)) this.#dueAt = dueAt;
  }

  #close(
    recipient: Pick<PlannedRecipient, 'address' | 'origin'> & { readonly rules: readonly string[] | null },
    state: RecipientState,
    more: Partial<Pick<RecipientClose, 'code' | 'protection' | 'parkedByRule'>>,
  ): void {
    const { address, origin, rules } = recipient;
    const nothing = { protection: null, code: null, parkedByRule: null, deliveryId: null, lastReply: null };
    this.#recipients.set(address, { ...nothing, address, origin, rules, state, attempted: false, ...more });
  }

  /** How many recipients this run left in each state. */
  outcomes(): Readonly<Partial<Record<RecipientState, number>>> {
    const counts = new Map<RecipientState, number>();
    for (const { state } of this.#recipients.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return Object.fromEntries(counts);
  }

  /** Addresses of those whom this run has brought to a state. */
  get settled(): readonly string[] {
    return [...this.#recipients.keys()];
  }

  /** The closing record; with its last event if nothing is left to be done for anybody. */
  toClose(
    at: Date,
    content: Pick<CloseInput, 'sealedTrace' | 'sealedSummary' | 'ruleSetUsed' | 'judging'>,
  ): CloseInput {
    const { id, organizationId, queue, claim, recipients, rejudgeWith } = this.accepted;
    const untouched = recipients.filter(({ address }) => !this.#recipients.has(address));
    const states = [...untouched, ...this.#recipients.values()].map(({ state }) => state);
    if (states.every((state) => FINAL.has(state))) this.event('closed', at, {});
    return {
      id,
      organizationId,
      queue,
      claim,
      recipients: [...this.#recipients.values()],
      deliveries: this.#deliveries,
      events: this.#events,
      notify: this.#notify,
      ...content,
      rejudgeWith,
      emitAt: this.#dueAt,
    };
  }
}

function fateOf({ address, origin }: Pick<PlannedRecipient, 'address' | 'origin'>, status: string, reply = ''): Fate {
  return { address, origin, status, reply };
}
