import { deriveId } from '#lib/core';
import type { DeliveryClose, JudgedMessage, KeptJudging, MessageRecord } from '#lib/flow';
import { claimContract } from './record-claim-contract.js';
import { notifyContract } from './record-notify-contract.js';
import { acceptInputOf, claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';

/** What a record stands on in a test. */
export interface RecordGround {
  readonly record: MessageRecord;
  readonly organizationId: string;
  readonly postmaster: string;
  now(): Date;
  letTimePass(milliseconds: number): Promise<void>;
  /** Another rule set is in force from now on. */
  publish(): Promise<void>;
  /** Held recipients become pending: a person's release. */
  wake(id: string, addresses: readonly string[]): Promise<void>;
  /** Held recipients become pending: a person's `rejudge`. */
  rejudge(id: string, addresses: readonly string[]): Promise<void>;
  /** What is kept of a notification. */
  requestOf(id: string): Promise<unknown>;
  /** How a message was judged, for its explanation. */
  judgedOf(id: string): Promise<JudgedMessage>;
  traceOf(id: string, judging: number): Promise<Uint8Array | null>;
  /** Types of a message's events, in order. */
  eventsOf(id: string): Promise<string[]>;
  close(): Promise<void>;
}

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const CARL = 'carl@customer.example';
const MINUTE_MS = 60_000;
/** The one suite of the port `MessageRecord`, run on every adapter of it. */
export function recordContract(makeGround: () => Promise<RecordGround>): void {
  let ground: RecordGround;
  let record: MessageRecord;
  const inputOf = (more: Parameters<typeof acceptInputOf>[1] = {}) =>
    acceptInputOf(ground.organizationId, { receivedAt: ground.now(), ...more });
  const accepted = async (more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = inputOf(more);
    expect(await record.accept(input)).toEqual({ kind: 'accepted', id: input.id });
    return input;
  };
  const soon = (milliseconds: number) => new Date(ground.now().getTime() + milliseconds);
  const isDue = async (queue: 'process' | 'emit', { id }: { readonly id: string }) =>
    (await record.claim(queue, ground.organizationId, [id])).length === 1;

  beforeAll(async () => {
    ground = await makeGround();
    record = ground.record;
  });
  afterAll(() => ground.close());

  describe('accept', () => {
    it('guarantees that all of a message is there to be claimed', async () => {
      const input = inputOf();
      const envelope = {
        mailFrom: 'sue@example.com',
        rcptTo: [
          {
            address: BOB,
            notify: ['SUCCESS', 'DELAY'],
            orcpt: 'rfc822;Bob@customer.example',
            path: 'Bob@Customer.example',
          },
          { address: ANN, notify: 'NEVER', orcpt: null },
          { address: CARL, notify: null, orcpt: null },
        ],
        dsnReturn: 'HDRS',
        envid: 'QQ314159',
      } as const;
      await record.accept({ ...input, envelope });
      const claimed = await claimOne(record, input);
      expect({ ...claimed, wrappedKey: [...claimed.wrappedKey] }).toMatchObject({
        id: input.id,
        organizationId: ground.organizationId,
        kind: 'mail',
        envelope: { mailFrom: 'sue@example.com', dsnReturn: 'HDRS', envid: 'QQ314159' },
        connection: input.connection,
        receivedAt: input.receivedAt.toISOString(),
        sizeBytes: 10_000,
        blob: input.blob,
        wrappedKey: [1, 2, 3],
        queue: 'process',
        tries: 1,
        rejudgeWith: null,
      });
      const fresh = {
        origin: 'envelope',
        state: 'pending',
        resumeAfterRule: null,
        isUnprotected: false,
        deliveryId: null,
        attempts: 0,
        firstAttemptAt: null,
      };
      expect(claimed.recipients).toEqual(
        envelope.rcptTo.map((recipient, n) => expect.objectContaining({ ...recipient, ...fresh, n })),
      );
      expect(await ground.eventsOf(input.id)).toEqual(['accepted']);
    });

    it('pins the rule set in force', async () => {
      const first = await accepted();
      await ground.publish();
      const second = await accepted();
      const [before, after] = [await claimOne(record, first), await claimOne(record, second)];
      expect(before.ruleSet).not.toBe(after.ruleSet);
    });

    it('takes an id once', async () => {
      const input = await accepted();
      expect(await record.accept(input)).toEqual({ kind: 'repeated', id: input.id });
      expect(await ground.eventsOf(input.id)).toEqual(['accepted']);
    });

    it('guarantees that an idempotency key has one effect', async () => {
      const idempotency = { scope: 'rest', key: 'one' };
      const first = await accepted({ idempotency });
      expect(await record.accept(inputOf({ idempotency }))).toEqual({ kind: 'repeated', id: first.id });
      const other = inputOf({ idempotency, sha256: 'cd'.repeat(32) });
      expect(await record.accept(other)).toEqual({ kind: 'conflict' });
      expect(await isDue('process', other)).toBe(false);
      const elsewhere = { scope: 'connector', key: 'one' };
      await accepted({ idempotency: elsewhere });
    });

    it('guarantees that a key with the same body for others is no repeat: nobody loses their copy unsaid', async () => {
      const idempotency = { scope: 'rest', key: 'envelope' };
      const first = await accepted({ idempotency, rcptTo: [ANN, BOB] });
      const again = inputOf({ idempotency, rcptTo: [BOB, ANN] });
      expect(await record.accept(again)).toEqual({ kind: 'repeated', id: first.id });
      for (const rcptTo of [[ANN], [ANN, BOB, CARL], [ANN, CARL]]) {
        expect(await record.accept(inputOf({ idempotency, rcptTo }))).toEqual({ kind: 'conflict' });
      }
      const envelope = { ...first.envelope, mailFrom: 'other@example.com' };
      expect(await record.accept({ ...inputOf({ idempotency }), envelope })).toEqual({ kind: 'conflict' });
    });

    it('guarantees that of several with one key at the same moment one is taken', async () => {
      const idempotency = { scope: 'rest', key: 'together' };
      const inputs = [1, 2, 3, 4].map((n) => inputOf({ idempotency, sha256: (n === 4 ? 'ef' : 'ab').repeat(32) }));
      const outcomes = await Promise.all(inputs.map((input) => record.accept(input)));
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['accepted', 'conflict', 'repeated', 'repeated']);
      const [id] = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.id] : []));
      for (const outcome of outcomes) if (outcome.kind === 'repeated') expect(outcome.id).toBe(id);
    });
  });

  claimContract(() => ground);
  notifyContract(() => ground);

  describe('close', () => {
    const delivery = (id: string): DeliveryClose => ({
      id: deriveId(id, 'delivery'),
      blob: 's-00000000-0000-8000-8000-00000000000c:0:14000',
      sizeBytes: 14_000,
      protection: 'smime',
      has8bit: false,
    });
    const deferredOf = (message: { readonly id: string }, address = ANN) =>
      recipientCloseOf(address, {
        state: 'deferred',
        protection: 'smime',
        deliveryId: delivery(message.id).id,
        lastReply: '451 4.3.0 later',
        attempted: true,
      });

    it('guarantees that what is closed is never given out again', async () => {
      const message = await accepted();
      const claimed = await claimOne(record, message);
      const event = { type: 'delivered', at: ground.now(), detail: { recipients: [ANN] } } as const;
      await record.close(closeInputOf(claimed, [recipientCloseOf(ANN)], { events: [event] }));
      await ground.letTimePass(MINUTE_MS);
      expect(await isDue('process', message)).toBe(false);
      expect((await record.sweep(1_000)).map(({ id }) => id)).not.toContain(message.id);
      expect(await ground.eventsOf(message.id)).toEqual(['accepted', 'delivered']);
    });

    it('keeps what is deferred until it is due, with its copies', async () => {
      const message = await accepted({ rcptTo: [BOB, ANN] });
      const first = await claimOne(record, message);
      const recipients = [recipientCloseOf(BOB), deferredOf(message)];
      const deliveries = [delivery(message.id)];
      await record.close(closeInputOf(first, recipients, { deliveries, emitAt: soon(MINUTE_MS) }));
      expect(await isDue('emit', message)).toBe(false);
      await ground.letTimePass(MINUTE_MS + 1);
      const claimed = await claimOne(record, message, 'emit');
      expect(claimed).toMatchObject({ queue: 'emit', tries: 1 });
      expect(claimed.recipients.map(({ state, attempts }) => [state, attempts])).toEqual([
        ['delivered', 0],
        ['deferred', 1],
      ]);
      expect(Date.parse(claimed.recipients[1]?.firstAttemptAt ?? '')).not.toBeNaN();
      expect(await record.deferred(ground.organizationId, message.id)).toEqual([
        { ...delivery(message.id), addresses: [ANN] },
      ]);
      await record.close(closeInputOf(claimed, [recipientCloseOf(ANN, { attempted: true })]));
      await ground.letTimePass(MINUTE_MS);
      expect(await isDue('emit', message)).toBe(false);
      expect(await record.deferred(ground.organizationId, message.id)).toEqual([]);
    });

    it('adds the recipients of rules behind those of the envelope', async () => {
      const message = await accepted({ rcptTo: [BOB, ANN] });
      const claimed = await claimOne(record, message);
      const added = { origin: 'added', state: 'deferred' } as const;
      const recipients = [
        recipientCloseOf(ANN),
        recipientCloseOf('x@example.com', added),
        recipientCloseOf(BOB),
        recipientCloseOf('a@example.com', added),
      ];
      await record.close(closeInputOf(claimed, recipients, { emitAt: ground.now() }));
      const { recipients: loaded } = await claimOne(record, message, 'emit');
      expect(loaded.map(({ address, origin }) => [address, origin])).toEqual([
        [BOB, 'envelope'],
        [ANN, 'envelope'],
        ['x@example.com', 'added'],
        ['a@example.com', 'added'],
      ]);
    });

    it('guarantees that a recipient keeps its end, unless the copy did go out', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB, CARL] });
      const recipients = [
        recipientCloseOf(ANN, { state: 'rejected' }),
        recipientCloseOf(BOB),
        recipientCloseOf(CARL, { state: 'deferred' }),
      ];
      await record.close(closeInputOf(message, recipients, { emitAt: ground.now() }));
      // The record of a run whose claim had ended, and which did not know of the other one.
      const late = [recipientCloseOf(ANN), recipientCloseOf(BOB, { state: 'deferred' })];
      await record.close(closeInputOf(message, late, { emitAt: ground.now() }));
      const { recipients: loaded } = await claimOne(record, message, 'emit');
      expect(loaded.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'deferred']);
    });

    it('guarantees that who became pending during a run is not forgotten', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      await record.close(
        closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)]),
      );
      expect(await isDue('process', message)).toBe(false);
      await ground.wake(message.id, [ANN]);
      const claimed = await claimOne(record, message);
      await ground.wake(message.id, [BOB]);
      expect(await isDue('process', message)).toBe(false);
      await record.close(closeInputOf(claimed, [recipientCloseOf(ANN)]));
      expect((await record.sweep(1_000)).map(({ id }) => id)).toContain(message.id);
      const again = await claimOne(record, message);
      expect(again.recipients.map(({ state }) => state)).toEqual(['delivered', 'pending']);
      expect(again.tries).toBe(1);
      await record.close(closeInputOf(again, [recipientCloseOf(BOB)]));
      expect(await isDue('process', message)).toBe(false);
    });

    it('guarantees that runs of two queues leave each other their claims', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      const recipients = [deferredOf(message), recipientCloseOf(BOB, HELD_KEYLESS)];
      await record.close(
        closeInputOf(message, recipients, { deliveries: [delivery(message.id)], emitAt: ground.now() }),
      );
      const emitting = await claimOne(record, message, 'emit');
      await ground.wake(message.id, [BOB]);
      const processing = await claimOne(record, message, 'process');
      // What is processed is deferred as well; the run that emits goes on.
      await record.close(
        closeInputOf(processing, [{ ...deferredOf(message, BOB), deliveryId: deriveId('other') }], {
          emitAt: soon(MINUTE_MS),
        }),
      );
      expect(await isDue('emit', message)).toBe(false);
      await record.close(closeInputOf(emitting, [recipientCloseOf(ANN)]));
      // It had nothing left, but the other one had.
      expect(await isDue('emit', message)).toBe(false);
      await ground.letTimePass(MINUTE_MS + 1);
      expect(await isDue('emit', message)).toBe(true);
    });

    it('guarantees that the end of an attempt leaves a run in progress alone', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      const recipients = [deferredOf(message), recipientCloseOf(BOB, HELD_KEYLESS)];
      await record.close(
        closeInputOf(message, recipients, { deliveries: [delivery(message.id)], emitAt: ground.now() }),
      );
      await ground.wake(message.id, [BOB]);
      await claimOne(record, message, 'process');
      const emitting = await claimOne(record, message, 'emit');
      await record.close(closeInputOf(emitting, [recipientCloseOf(ANN)]));
      expect(await isDue('process', message)).toBe(false);
      await record.release(emitting, ground.now());
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(6_000);
      expect(await isDue('process', message)).toBe(true);
    });

    it('guarantees that every judging is kept with its rule set and what explains it, in order', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      expect(await ground.judgedOf(message.id)).toMatchObject({ isJudged: false, isContentKept: true, judgings: [] });
      const judged = (more: Partial<KeptJudging> = {}): KeptJudging =>
        ({
          at: '2026-11-24T12:00:00.000Z',
          judge: 1,
          people: [0, 1, 'x@added.example'],
          kind: 'judged',
          ...more,
        }) as KeptJudging;
      const first = judged({ says: ['matched', 'failed ERR_X'], rows: ['01-'], rules: [[7, 0]] });
      const second = judged({ settled: [1] });
      const unjudged: KeptJudging = {
        at: '2026-11-24T14:00:00.000Z',
        judge: 1,
        people: [1],
        kind: 'unjudged',
        code: 'ERR_X',
      };
      const held = [recipientCloseOf(ANN), recipientCloseOf(BOB, HELD_KEYLESS)];
      const run = async (judging: KeptJudging | null, ruleSetUsed: string | null, byte: number | null) => {
        await ground.wake(message.id, [BOB]);
        const sealedTrace = byte === null ? null : new Uint8Array([byte]);
        await record.close(closeInputOf(await claimOne(record, message), held, { judging, ruleSetUsed, sealedTrace }));
      };
      await record.close(
        closeInputOf(message, held, { judging: first, ruleSetUsed: 'one', sealedTrace: new Uint8Array([1]) }),
      );
      await run(unjudged, null, null);
      await run(second, 'two', 2);
      // What judged nothing leaves it as it was.
      await run(null, null, null);
      const { judgings, isJudged, accepted: message2 } = await ground.judgedOf(message.id);
      expect(isJudged).toBe(true);
      expect(message2.recipients.map(({ address }) => address)).toEqual([ANN, BOB]);
      expect(judgings.map(({ kept }) => kept)).toEqual([first, unjudged, second]);
      expect([judgings[0]?.ruleSet, judgings[2]?.ruleSet]).toEqual(['one', 'two']);
      const traces = await Promise.all([0, 1, 2, 3].map((judging) => ground.traceOf(message.id, judging)));
      expect(traces.map((trace) => trace?.[0])).toEqual([1, undefined, 2, undefined]);
    });

    it('fails for what is not there', async () => {
      const unknown = { id: deriveId('not there'), organizationId: ground.organizationId };
      await expect(record.close(closeInputOf(unknown, [recipientCloseOf(ANN)]))).rejects.toThrow();
    });
  });

  describe('sweep', () => {
    it('guarantees that what is due and nobody has is found, and nothing else', async () => {
      const [waiting, claimed, later, done] = [await accepted(), await accepted(), await accepted(), await accepted()];
      await record.release(await claimOne(record, later), soon(60 * MINUTE_MS));
      await record.close(closeInputOf(done, [recipientCloseOf(ANN)]));
      await ground.letTimePass(6_000);
      await claimOne(record, claimed);
      const swept = await record.sweep(1_000);
      const ids = swept.map(({ id }) => id);
      expect(swept).toContainEqual(
        expect.objectContaining({ organizationId: ground.organizationId, id: waiting.id, queue: 'process' }),
      );
      for (const { id } of [claimed, later, done]) expect(ids).not.toContain(id);
      await ground.letTimePass(11_000);
      expect((await record.sweep(1_000)).map(({ id }) => id)).toEqual(expect.arrayContaining([waiting.id, claimed.id]));
      await ground.letTimePass(MINUTE_MS + 1);
      expect(await record.sweep(1)).toHaveLength(1);
    });
  });
}
