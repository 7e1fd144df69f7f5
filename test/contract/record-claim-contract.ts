import { deriveId } from '#lib/core';
import { acceptInputOf, claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';
import type { RecordGround } from './record-contract.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
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
      await claimOne(record, message);
      for (let times = 0; times < 3; times += 1) {
        await ground.letTimePass(4_000);
        await record.renew(ground.organizationId, [message.id]);
      }
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(6_000);
      expect(await isDue('process', message)).toBe(true);
    });

    it('is given back for a time, and renewing it does not take it again', async () => {
      const message = await accepted();
      await claimOne(record, message);
      await record.release('process', ground.organizationId, message.id, soon(MINUTE_MS));
      await record.renew(ground.organizationId, [message.id]);
      expect(await isDue('process', message)).toBe(false);
      await ground.letTimePass(MINUTE_MS + 1);
      expect((await claimOne(record, message)).tries).toBe(2);
    });

    it('guarantees that a recipient is judged on with the rule set that a person asked for', async () => {
      const message = await accepted({ rcptTo: [ANN, BOB] });
      const held = [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)];
      const pinned = (await claimOne(record, message)).ruleSet;
      await record.close(closeInputOf(message, held));
      await ground.publish();
      await ground.rejudge(message.id, [ANN]);
      const rejudged = await claimOne(record, message);
      expect(rejudged.rejudgeWith).not.toBe(pinned);
      expect(rejudged.recipients.map(({ state }) => state)).toEqual(['pending', 'held']);
      // Judged, with one more recipient by a rule of that set, and held for want of keys.
      const archive = recipientCloseOf('archive@example.com', { ...HELD_KEYLESS, origin: 'added' });
      const { rejudgeWith } = rejudged;
      await record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS), archive], { rejudgeWith }));
      await ground.publish();
      await ground.wake(message.id, [ANN, archive.address]);
      const again = await claimOne(record, message);
      expect(again).toMatchObject({ rejudgeWith, ruleSet: pinned });
      expect(again.recipients.map(({ state }) => state)).toEqual(['pending', 'held', 'pending']);
      const ends = [recipientCloseOf(ANN), recipientCloseOf(archive.address, { origin: 'added' })];
      await record.close(closeInputOf(message, ends, { rejudgeWith }));
      // Nobody asked for another one for Bob.
      await ground.wake(message.id, [BOB]);
      expect((await claimOne(record, message)).rejudgeWith).toBeNull();
      await record.close(closeInputOf(message, [recipientCloseOf(BOB, HELD_KEYLESS)]));
      await ground.rejudge(message.id, [BOB]);
      expect((await claimOne(record, message)).rejudgeWith).not.toBe(rejudgeWith);
    });
  });
}
