import { deriveId } from '#lib/core';
import type { NotifyRequest } from '#lib/flow';
import { acceptInputOf, claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';
import type { RecordGround } from './record-contract.js';

const ANN = 'ann@customer.example';
const MINUTE_MS = 60_000;

/** The part of `recordContract` that is about people who are to be told. */
export function notifyContract(groundOf: () => RecordGround): void {
  let ground: RecordGround;
  let record: RecordGround['record'];
  const inputOf = (more: Parameters<typeof acceptInputOf>[1] = {}) =>
    acceptInputOf(ground.organizationId, { receivedAt: ground.now(), ...more });
  const accepted = async (more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = inputOf(more);
    expect(await record.accept(input)).toEqual({ kind: 'accepted', id: input.id });
    return input;
  };
  const soon = (milliseconds: number) => new Date(ground.now().getTime() + milliseconds);

  describe('notify', () => {
    beforeAll(() => {
      ground = groundOf();
      record = ground.record;
    });

    const requestOf = (id: string): NotifyRequest => ({
      id: deriveId(id, 'notify', 'held', ANN),
      type: 'held',
      recipients: [ANN],
      status: [{ code: 'ERR_KEY_MISSING', reply: '' }],
    });

    it('guarantees that what is asked for is told once', async () => {
      const message = await accepted();
      const request = requestOf(message.id);
      const close = closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)], {
        notify: [request],
        sealedSummary: new Uint8Array([7, 8]),
      });
      await record.close(close);
      await record.close(close);
      expect(await ground.eventsOf(message.id)).toEqual(['accepted', 'notified']);
      const [claimed] = await record.claimNotify(ground.organizationId, [request.id]);
      expect(claimed).toMatchObject({
        id: request.id,
        request,
        isProtected: true,
        postmaster: ground.postmaster,
        message: { id: message.id, queue: 'notify', tries: 1, envelope: { mailFrom: 'sue@example.com' } },
      });
      expect([...(claimed?.sealedSummary ?? [])]).toEqual([7, 8]);
      expect(await record.claimNotify(ground.organizationId, [request.id])).toEqual([]);

      const notice = inputOf({ id: deriveId(request.id, 'notice'), kind: 'notice', closesNotify: request.id });
      expect(await ground.requestOf(request.id)).toEqual(request);
      expect(await record.accept(notice)).toEqual({ kind: 'accepted', id: notice.id });
      // What was told may say of the content; only that it was told is kept, and no closing record brings it back.
      expect(await ground.requestOf(request.id)).toBeNull();
      await ground.wake(message.id, [ANN]);
      const { claim } = await claimOne(record, message);
      await record.close({ ...close, claim, events: [] });
      expect(await ground.requestOf(request.id)).toBeNull();
      expect(await record.accept(notice)).toEqual({ kind: 'repeated', id: notice.id });
      await ground.letTimePass(MINUTE_MS);
      expect(await record.claimNotify(ground.organizationId, [request.id])).toEqual([]);
    });

    it('is given back and claimed again', async () => {
      const message = await accepted();
      const request = requestOf(message.id);
      await record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)], { notify: [request] }));
      const [first] = await record.claimNotify(ground.organizationId, [request.id]);
      const { claim } = first?.message ?? { claim: '' };
      const { organizationId } = ground;
      await record.release({ organizationId, id: request.id, queue: 'notify', claim }, soon(MINUTE_MS));
      await ground.letTimePass(MINUTE_MS + 1);
      const [claimed] = await record.claimNotify(ground.organizationId, [request.id]);
      expect(claimed).toMatchObject({ message: { tries: 2 }, sealedSummary: null });
    });
  });
}
