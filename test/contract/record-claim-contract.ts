import { deriveId } from '#lib/core';
import { acceptInputOf, claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';
import type { DeliveryClose, FlowEvent, NotifyRequest } from '#lib/flow';
import type { RecordGround } from './record-contract.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const CARL = 'carl@customer.example';
const MINUTE_MS = 60_000;

/** The part of `recordContract` that is about who may work on a message, and with which rules. */
export function claimContract(groundOf: () => RecordGround): void {
  let ground: RecordGround;
  let record: RecordGround['record'];
  const accepted = async (more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = acceptInputOf(ground.organizationId, { receivedAt: ground.now(), ...more });
    expect(await record.accept(input)).toEqual({ kind: 'accepted', id: input.id });
    return input;
  };
  const soon = (milliseconds: number) => new Date(ground.now().getTime() + milliseconds);
  const isDue = async (queue: 'process' | 'emit', { id }: { readonly id: string }) =>
    (await record.claim(queue, ground.organizationId, [id])).length === 1;

  describe('claim', () => {
    beforeAll(() => {
      ground = groundOf();
      record = ground.record;
    });

    it('guarantees that nobody else gets a claimed message, until the claim ends', async () => {
      const message = await accepted();
      const calls = await Promise.all(
        [1, 2, 3].map(() => record.claim('process', ground.organizationId, [message.id])),
      );
      expect(calls.flat()).toHaveLength(1);
      await ground.letTimePass(4_000);
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(2_000);
      expect((await claimOne(record, message)).tries).toBe(2);
    });

    it('gives each of several calls its own messages', async () => {
      const messages = await Promise.all([1, 2, 3, 4].map(() => accepted()));
      const calls = await Promise.all(messages.map(({ id }) => record.claim('process', ground.organizationId, [id])));
      expect(calls.map((call) => call.map(({ id }) => id))).toEqual(messages.map(({ id }) => [id]));
    });

    it('gives nothing of other queues, other organizations and what is unknown', async () => {
      const message = await accepted();
      expect(await isDue('emit', message)).toBe(false);
      expect(await record.claim('process', deriveId('another organization'), [message.id])).toEqual([]);
      expect(await record.claim('process', ground.organizationId, [deriveId('unknown')])).toEqual([]);
      expect(await record.claim('process', ground.organizationId, [])).toEqual([]);
    });

    it('is held as long as it is renewed', async () => {
      const message = await accepted();
      const claimed = await claimOne(record, message);
      for (let times = 0; times < 3; times += 1) {
        await ground.letTimePass(4_000);
        expect(await record.renew(ground.organizationId, [claimed])).toEqual([claimed.claim]);
      }
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(6_000);
      expect(await isDue('process', message)).toBe(true);
    });

    it('is given back for a time, and renewing it does not take it again', async () => {
      const message = await accepted();
      const claimed = await claimOne(record, message);
      await record.release(claimed, soon(MINUTE_MS));
      expect(await record.renew(ground.organizationId, [claimed])).toEqual([]);
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(MINUTE_MS + 1);
      expect((await claimOne(record, message)).tries).toBe(2);
    });

    it('guarantees that a recipient is judged on with the rule set that a person asked for', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      const held = [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)];
      const first = await claimOne(record, message);
      const pinned = first.ruleSet;
      await record.close(closeInputOf(first, held));
      await ground.publish();
      await ground.rejudge(message.id, [ANN]);
      const rejudged = await claimOne(record, message);
      expect(rejudged.rejudgeWith).not.toBe(pinned);
      expect(rejudged.recipients.map(({ state }) => state)).toEqual(['pending', 'held']);
      // Judged, with one more recipient by a rule of that set, and held for want of keys.
      const archive = recipientCloseOf('archive@example.com', { ...HELD_KEYLESS, origin: 'added' });
      const { rejudgeWith } = rejudged;
      await record.close(closeInputOf(rejudged, [recipientCloseOf(ANN, HELD_KEYLESS), archive], { rejudgeWith }));
      await ground.publish();
      await ground.wake(message.id, [ANN, archive.address]);
      const again = await claimOne(record, message);
      expect(again).toMatchObject({ rejudgeWith, ruleSet: pinned });
      expect(again.recipients.map(({ state }) => state)).toEqual(['pending', 'held', 'pending']);
      const ends = [recipientCloseOf(ANN), recipientCloseOf(archive.address, { origin: 'added' })];
      await record.close(closeInputOf(again, ends, { rejudgeWith }));
      // Nobody asked for another one for Bob.
      await ground.wake(message.id, [BOB]);
      const last = await claimOne(record, message);
      expect(last.rejudgeWith).toBeNull();
      await record.close(closeInputOf(last, [recipientCloseOf(BOB, HELD_KEYLESS)]));
      await ground.rejudge(message.id, [BOB]);
      expect((await claimOne(record, message)).rejudgeWith).not.toBe(rejudgeWith);
    });
  });

  describe('a run that has lost its claim', () => {
    /** Claimed by one run, whose claim ended, and then by another one. */
    const claimedTwice = async (rcptTo: readonly string[], queue: 'process' | 'emit' = 'process') => {
      const message = await accepted({ rcptTo });
      const deliveryId = deriveId(message.id, 'delivery');
      if (queue === 'emit') {
        const recipients = rcptTo.map((address) => recipientCloseOf(address, { state: 'deferred', deliveryId }));
        await record.close(closeInputOf(message, recipients, { emitAt: ground.now() }));
      }
      const lost = await claimOne(record, message, queue);
      await ground.letTimePass(6_000);
      return { message, deliveryId, lost, current: await claimOne(record, message, queue) };
    };

    it('guarantees that it gives nothing back that another one has', async () => {
      const { message, lost, current } = await claimedTwice([ANN]);
      expect(lost.claim).not.toBe(current.claim);
      await record.release(lost, ground.now());
      expect(await isDue('process', message)).toBe(false);
      expect(await record.renew(ground.organizationId, [lost, current])).toEqual([current.claim]);
      await record.release(current, ground.now());
      expect(await record.renew(ground.organizationId, [lost, current])).toEqual([]);
      expect(await isDue('process', message)).toBe(true);
    });

    it('guarantees that the same count of tries is not the same claim', async () => {
      const message = await accepted();
      const lost = await claimOne(record, message);
      await ground.letTimePass(6_000);
      await record.close(closeInputOf(await claimOne(record, message), [recipientCloseOf(ANN, HELD_KEYLESS)]));
      await ground.wake(message.id, [ANN]);
      const current = await claimOne(record, message);
      expect(current.tries).toBe(lost.tries);
      await record.release(lost, ground.now());
      expect(await isDue('process', message)).toBe(false);
    });

    it('guarantees that it leaves the message to the one that has it', async () => {
      const { message, lost, current } = await claimedTwice([ANN]);
      const event = { type: 'held', at: ground.now(), detail: { recipient: ANN } } as const;
      await record.close(closeInputOf(lost, [recipientCloseOf(ANN, HELD_KEYLESS)], { events: [event] }));
      expect(await record.renew(ground.organizationId, [current])).toEqual([current.claim]);
      await record.release(current, ground.now());
      expect((await claimOne(record, message)).recipients[0]?.state).toBe('pending');
      expect(await ground.eventsOf(message.id)).toEqual(['accepted']);
    });

    it('guarantees that it does not undo the release of a person', async () => {
      const { message, lost, current } = await claimedTwice([ANN]);
      await record.close(closeInputOf(current, [recipientCloseOf(ANN, HELD_KEYLESS)]));
      await ground.wake(message.id, [ANN]);
      await record.close(closeInputOf(lost, [recipientCloseOf(ANN, HELD_KEYLESS)]));
      expect((await claimOne(record, message)).recipients[0]?.state).toBe('pending');
    });

    it('guarantees that what it did send is recorded, once, and nothing else', async () => {
      const { message, deliveryId, lost, current } = await claimedTwice([ANN, BOB, CARL]);
      const delivery: DeliveryClose = { id: deliveryId, blob: null, sizeBytes: 9, protection: 'none', has8bit: false };
      const tell = (type: 'success' | 'failure', address: string): NotifyRequest => ({
        id: deriveId(message.id, type, address),
        type,
        recipients: [address],
        status: [{ code: '2.0.0', reply: 'ok' }],
      });
      const [success, failure] = [tell('success', ANN), tell('failure', BOB)];
      const detail = { delivery: deliveryId };
      const events: FlowEvent[] = (['judged', 'emitted', 'delivered', 'deferred'] as const).map((type) => ({
        ...{ type, at: ground.now() },
        detail: type === 'judged' ? {} : detail,
      }));
      const tried = { deliveryId, attempted: true };
      const recipients = [
        recipientCloseOf(ANN, { ...tried, lastReply: '250 ok' }),
        recipientCloseOf(BOB, { ...tried, state: 'bounced' }),
        recipientCloseOf(CARL, { ...tried, state: 'deferred' }),
        recipientCloseOf('archive@example.com', { ...tried, origin: 'added' }),
      ];
      const more = { events, deliveries: [delivery], notify: [success, failure], emitAt: soon(MINUTE_MS) };
      const close = closeInputOf(lost, recipients, more);
      await record.close(close);
      await record.close(close);
      expect(await record.renew(ground.organizationId, [current])).toEqual([current.claim]);
      expect(await isDue('emit', message)).toBe(false);
      await record.release(current, ground.now());
      const next = await claimOne(record, message);
      expect(next.recipients.map(({ state, attempts }) => [state, attempts])).toEqual([
        ['delivered', 1],
        ['pending', 0],
        ['pending', 0],
        ['delivered', 1],
      ]);
      expect((await ground.eventsOf(message.id)).slice(0, 3)).toEqual(['accepted', 'emitted', 'delivered']);
      expect(await ground.eventsOf(message.id)).toHaveLength(4);
      expect(await ground.requestOf(success.id)).toEqual(success);
      expect(await ground.requestOf(failure.id)).toBeUndefined();
      // The last run finds nothing left for those, and its word on the others counts.
      const ends = [recipientCloseOf(BOB), recipientCloseOf(CARL)];
      await record.close(closeInputOf(next, ends));
      expect(await isDue('process', message)).toBe(false);
    });

    it('guarantees that it does not put off what another one tries again', async () => {
      const { message, deliveryId, lost, current } = await claimedTwice([ANN], 'emit');
      const deferred = recipientCloseOf(ANN, { state: 'deferred', deliveryId, attempted: true });
      await record.close(closeInputOf(lost, [deferred], { emitAt: soon(60 * MINUTE_MS) }));
      await record.release(current, ground.now());
      expect(await isDue('emit', message)).toBe(true);
    });

    it('is none while nobody else has taken it: what ended can be renewed and closed', async () => {
      const message = await accepted();
      const claimed = await claimOne(record, message);
      await ground.letTimePass(60_000);
      expect(await record.renew(ground.organizationId, [claimed])).toEqual([claimed.claim]);
      await ground.letTimePass(60_000);
      await record.close(closeInputOf(claimed, [recipientCloseOf(ANN, HELD_KEYLESS)]));
      expect(await isDue('process', message)).toBe(false);
    });
  });
}
