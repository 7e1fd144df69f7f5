import type { Clock } from '#lib/core';
import type { FlowEvent } from '../events.js';
import type { JudgedMessage } from '../explanation/explain-message.js';
import type { KeptJudging } from '../explanation/kept-judging.js';
import type { Accepted, QueueName, RecipientRecord, RecipientState } from '../message.js';
import type {
  AcceptInput,
  AcceptOutcome,
  Claim,
  ClaimedNotify,
  CloseInput,
  DeferredDelivery,
  DeliveryClose,
  MessageRecord,
  NotifyRequest,
  RecipientClose,
} from '../ports.js';
import { lateClose } from '../late-close.js';
import { requestDigest } from '../request-digest.js';

const CLAIM_MS = 5_000;
const FINAL: ReadonlySet<RecipientState> = new Set(['delivered', 'bounced', 'rejected', 'deleted', 'redirected']);

export interface StoredRecipient extends RecipientRecord {
  readonly protection: string | null;
  readonly rules: readonly string[];
  readonly code: string | null;
  readonly parkedByRule: string | null;
  readonly lastReply: string | null;
  readonly rejudgeWith: string | null;
}

export interface StoredMessage {
  readonly input: AcceptInput;
  readonly ruleSet: string;
  recipients: StoredRecipient[];
  readonly deliveries: Map<string, DeliveryClose>;
  readonly events: FlowEvent[];
  sealedTrace: Uint8Array | null;
  sealedSummary: Uint8Array | null;
  ruleSetUsed: string | null;
  /** A run was recorded. */
  isRun: boolean;
  judging: KeptJudging | null;
  /** What was kept of judgings before that, the first of them first. */
  readonly earlier: {
    readonly judging: KeptJudging;
    readonly ruleSet: string | null;
    readonly sealedTrace: Uint8Array | null;
  }[];
}

interface OutboxRow {
  readonly organizationId: string;
  readonly id: string;
  readonly queue: QueueName;
  dueAt: number;
  lockedUntil: number;
  claim: string | null;
  tries: number;
}

const NO_ROW = { queue: 'process', dueAt: 0, lockedUntil: 0, claim: null, tries: 0 } as const;

/** The record in memory, for tests: what the port says, no durability. */
export class InMemoryRecord implements MessageRecord {
  readonly messages = new Map<string, StoredMessage>();
  readonly outbox = new Map<string, OutboxRow>();
  /** Every request there ever was, so that each is told once; what was told is not kept. */
  readonly notifications = new Map<string, { readonly request: NotifyRequest | null; readonly messageId: string }>();
  /** Errors that the next calls of a method throw. */
  readonly failures = new Map<keyof MessageRecord, Error[]>();
  #claims = 0;
  readonly #idempotency = new Map<string, { readonly id: string; readonly digest: string }>();

  constructor(
    private readonly world: {
      readonly clock: Clock;
      readonly ruleSet: () => string;
      readonly postmaster: string;
    },
  ) {}

  async accept(input: AcceptInput): Promise<AcceptOutcome> {
    await this.#begin('accept');
    if (input.idempotency !== undefined) {
      const key = JSON.stringify([input.organizationId, input.idempotency]);
      const known = this.#idempotency.get(key);
      if (known !== undefined) {
        return known.digest === requestDigest(input) ? { kind: 'repeated', id: known.id } : { kind: 'conflict' };
      }
      this.#idempotency.set(key, { id: input.id, digest: requestDigest(input) });
    }
    if (input.closesNotify !== undefined) this.#answer(input.closesNotify);
    if (this.messages.has(input.id)) return { kind: 'repeated', id: input.id };
    this.messages.set(input.id, {
      input,
      ruleSet: this.world.ruleSet(),
      recipients: input.envelope.rcptTo.map((recipient, n) => ({
        ...newRecipient(recipient.address, n),
        ...recipient,
      })),
      deliveries: new Map(),
      events: [{ type: 'accepted', at: input.receivedAt, detail: {} }],
      sealedTrace: null,
      sealedSummary: null,
      ruleSetUsed: null,
      isRun: false,
      judging: null,
      earlier: [],
    });
    this.#due('process', input.organizationId, input.id, input.receivedAt);
    return { kind: 'accepted', id: input.id };
  }

  #answer(id: string): void {
    const told = this.notifications.get(id);
    if (this.outbox.delete(rowKey('notify', id)) && told !== undefined) {
      this.notifications.set(id, { ...told, request: null });
    }
  }

  async claim(queue: 'process' | 'emit', organizationId: string, ids: readonly string[]): Promise<readonly Accepted[]> {
    await this.#begin('claim');
    return this.#claimRows(queue, organizationId, ids).map((row) => this.#load(row));
  }

  async claimNotify(organizationId: string, ids: readonly string[]): Promise<readonly ClaimedNotify[]> {
    await this.#begin('claimNotify');
    return this.#claimRows('notify', organizationId, ids).map((row) => {
      const told = this.notifications.get(row.id);
      if (told?.request === undefined || told.request === null) throw new Error('no such notification');
      const message = this.message(told.messageId);
      return {
        id: row.id,
        request: told.request,
        message: this.#load({ ...row, id: told.messageId }),
        sealedSummary: message.sealedSummary,
        isProtected: message.recipients.some(({ protection }) => protection !== null && protection !== 'none'),
        postmaster: this.world.postmaster,
      };
    });
  }

  async renew(organizationId: string, claims: readonly Pick<Claim, 'id' | 'claim'>[]): Promise<readonly string[]> {
    await this.#begin('renew');
    const given = new Set(claims.map(({ claim }) => claim));
    return [...this.outbox.values()].flatMap((row) => {
      if (row.organizationId !== organizationId || row.claim === null || !given.has(row.claim)) return [];
      row.lockedUntil = this.#now() + CLAIM_MS;
      return [row.claim];
    });
  }

  async release({ queue, id, claim }: Claim, dueAt: Date): Promise<void> {
    await this.#begin('release');
    const row = this.outbox.get(rowKey(queue, id));
    if (row?.claim === claim) Object.assign(row, { dueAt: dueAt.getTime(), lockedUntil: 0, claim: null });
  }

  async close(input: CloseInput): Promise<void> {
    await this.#begin('close');
    const message = this.message(input.id);
    if (this.outbox.get(rowKey(input.queue, input.id))?.claim === input.claim) {
      this.#write(input, message);
      this.#settleOutbox(input, message);
      return;
    }
    const isDelivered = (address: string): boolean =>
      message.recipients.some((one) => one.address === address && one.state === 'delivered');
    const late = lateClose(input, isDelivered);
    if (late !== null) this.#write(late, message);
  }

  #write(input: CloseInput, message: StoredMessage): void {
    for (const recipient of input.recipients) closeRecipient(message, recipient, input, this.world.clock.now());
    for (const delivery of input.deliveries) message.deliveries.set(delivery.id, delivery);
    message.events.push(...input.events);
    if (input.judging !== null && message.judging !== null) {
      const { judging, ruleSetUsed: ruleSet, sealedTrace } = message;
      message.earlier.push({ judging, ruleSet, sealedTrace: judging.kind === 'judged' ? sealedTrace : null });
    }
    message.isRun = true;
    message.judging = input.judging ?? message.judging;
    message.sealedTrace = input.sealedTrace ?? message.sealedTrace;
    message.sealedSummary = input.sealedSummary ?? message.sealedSummary;
    message.ruleSetUsed = input.ruleSetUsed ?? message.ruleSetUsed;
    for (const request of input.notify) {
      if (this.notifications.has(request.id)) continue;
      this.notifications.set(request.id, { request, messageId: input.id });
      const detail = { about: request.type, recipients: request.recipients };
      message.events.push({ type: 'notified', at: this.world.clock.now(), detail });
      this.#due('notify', input.organizationId, request.id, this.world.clock.now());
    }
  }

  /** The row of the run's own claim, and when `emit` is due; what another run holds is left to it. */
  #settleOutbox({ id, organizationId, queue, emitAt }: CloseInput, { recipients }: StoredMessage): void {
    const now = this.world.clock.now();
    const emit = this.outbox.get(rowKey('emit', id));
    if (queue === 'process') {
      this.outbox.delete(rowKey('process', id));
      if (recipients.some(({ state }) => state === 'pending')) this.#due('process', organizationId, id, now);
    }
    if (!recipients.some(({ state }) => state === 'deferred')) this.outbox.delete(rowKey('emit', id));
    else if (queue === 'emit' || emit === undefined) {
      const times = [emit?.dueAt ?? 0, emitAt?.getTime() ?? 0].filter((time) => time > now.getTime());
      this.#due('emit', organizationId, id, times.length === 0 ? (emitAt ?? now) : new Date(Math.min(...times)));
    } else if (emitAt !== null) {
      emit.dueAt = emit.lockedUntil > now.getTime() ? emitAt.getTime() : Math.min(emit.dueAt, emitAt.getTime());
    }
  }

  async deferred(_organizationId: string, id: string): Promise<readonly DeferredDelivery[]> {
    await this.#begin('deferred');
    const { deliveries, recipients } = this.message(id);
    return [...deliveries.values()].flatMap((delivery) => {
      const left = recipients.filter((one) => one.deliveryId === delivery.id && one.state === 'deferred');
      const addresses = left.map((one) => one.address);
      return delivery.blob === null || addresses.length === 0 ? [] : [{ ...delivery, blob: delivery.blob, addresses }];
    });
  }

  async sweep(
    limit: number,
  ): Promise<readonly { readonly organizationId: string; readonly id: string; readonly queue: QueueName }[]> {
    await this.#begin('sweep');
    const now = this.#now();
    return [...this.outbox.values()].filter((row) => row.dueAt <= now && row.lockedUntil <= now).slice(0, limit);
  }

  /** A person's act, or a new key: recipients are pending again. */
  wake(id: string, addresses: readonly string[], more: Partial<StoredRecipient> = {}): void {
    const message = this.message(id);
    message.recipients = message.recipients.map((one) =>
      addresses.includes(one.address) ? { ...one, ...more, state: 'pending' } : one,
    );
    const row = this.outbox.get(rowKey('process', id));
    if (row === undefined) this.#due('process', message.input.organizationId, id, this.world.clock.now());
    else row.dueAt = Math.min(row.dueAt, this.#now());
  }

  /** A person's `rejudge`: with the rule set of now. */
  rejudge(id: string, addresses: readonly string[]): void {
    this.wake(id, addresses, { rejudgeWith: this.world.ruleSet(), resumeAfterRule: null });
  }

  /** As the store gives it to what explains. */
  judged(id: string): JudgedMessage & { readonly loadTrace: (judging: number) => Promise<Uint8Array | null> } {
    const message = this.message(id);
    const { judging, ruleSetUsed: ruleSet, sealedTrace, earlier } = message;
    const all = [...earlier, ...(judging === null ? [] : [{ judging, ruleSet, sealedTrace }])];
    return {
      accepted: this.#load({ ...NO_ROW, organizationId: message.input.organizationId, id }),
      isContentKept: true,
      isJudged: message.isRun,
      judgings: all.map((one) => ({ ruleSet: one.ruleSet, kept: one.judging })),
      loadTrace: (number) => Promise.resolve(all[number]?.sealedTrace ?? null),
    };
  }

  message(id: string): StoredMessage {
    const message = this.messages.get(id);
    if (message === undefined) throw new Error('no such message');
    return message;
  }

  recipient(id: string, address: string): StoredRecipient {
    const recipient = this.message(id).recipients.find((one) => one.address === address);
    if (recipient === undefined) throw new Error('no such recipient');
    return recipient;
  }

  #now(): number {
    return this.world.clock.now().getTime();
  }

  async #begin(method: keyof MessageRecord): Promise<void> {
    await Promise.resolve();
    const failure = this.failures.get(method)?.shift();
    if (failure !== undefined) throw failure;
  }

  #due(queue: QueueName, organizationId: string, id: string, dueAt: Date): void {
    const row = { organizationId, id, queue, dueAt: dueAt.getTime(), lockedUntil: 0, claim: null, tries: 0 };
    this.outbox.set(rowKey(queue, id), row);
  }

  #claimRows(queue: QueueName, organizationId: string, ids: readonly string[]): OutboxRow[] {
    const now = this.#now();
    return ids.flatMap((id) => {
      const row = this.outbox.get(rowKey(queue, id));
      if (row?.organizationId !== organizationId || row.dueAt > now || row.lockedUntil > now) return [];
      row.lockedUntil = now + CLAIM_MS;
      row.claim = `claim ${(this.#claims += 1)}`;
      row.tries += 1;
      return [row];
    });
  }

  #load({ id, queue, claim, tries }: OutboxRow): Accepted {
    const { input, recipients: stored, ruleSet } = this.message(id);
    const rejudgeWith = stored.find(({ state }) => state === 'pending')?.rejudgeWith ?? null;
    // Those who wait for another rule set look held to this run.
    const recipients = stored.map((one) =>
      one.state === 'pending' && one.rejudgeWith !== rejudgeWith ? { ...one, state: 'held' as const } : one,
    );
    const { rcptTo: _rcptTo, ...envelope } = input.envelope;
    const { organizationId, kind, connection, sizeBytes, blob, wrappedKey } = input;
    const receivedAt = input.receivedAt.toISOString();
    const kept = { id, organizationId, kind, connection, sizeBytes, blob, wrappedKey, receivedAt };
    return { ...kept, envelope, recipients, ruleSet, queue, claim: claim ?? '', tries, rejudgeWith };
  }
}

function rowKey(queue: QueueName, id: string): string {
  return `${queue} ${id}`;
}

function newRecipient(address: string, n: number): StoredRecipient {
  return {
    address,
    n,
    notify: null,
    orcpt: null,
    origin: 'envelope',
    state: 'pending',
    resumeAfterRule: null,
    isUnprotected: false,
    deliveryId: null,
    attempts: 0,
    firstAttemptAt: null,
    protection: null,
    rules: [],
    code: null,
    parkedByRule: null,
    lastReply: null,
    rejudgeWith: null,
  };
}

function closeRecipient(message: StoredMessage, close: RecipientClose, run: CloseInput, at: Date): void {
  const index = message.recipients.findIndex((one) => one.address === close.address);
  const old = message.recipients[index] ?? {
    ...newRecipient(close.address, message.recipients.length),
    origin: close.origin,
    rejudgeWith: run.rejudgeWith,
  };
  const { state, code, parkedByRule, attempted } = close;
  if (FINAL.has(old.state) && state !== 'delivered') return;
  const closed: StoredRecipient = {
    ...old,
    state,
    code,
    parkedByRule,
    protection: close.protection ?? old.protection,
    rules: close.rules ?? old.rules,
    deliveryId: close.deliveryId ?? old.deliveryId,
    lastReply: close.lastReply ?? old.lastReply,
    attempts: old.attempts + (attempted ? 1 : 0),
    rejudgeWith: FINAL.has(state) ? null : old.rejudgeWith,
    firstAttemptAt: old.firstAttemptAt ?? (attempted ? at.toISOString() : null),
  };
  if (index < 0) message.recipients.push(closed);
  else message.recipients[index] = closed;
}
