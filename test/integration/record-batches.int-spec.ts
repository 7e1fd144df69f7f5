import { randomBytes } from 'node:crypto';
import { deriveId, newId } from '#lib/core';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  claimOne,
  closeInputOf,
  openRecordDatabase,
  recipientCloseOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const ANN = 'ann@customer.example';

describe('the record in batches', () => {
  let ground: RecordDatabase;
  const accepted = async (more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = acceptInputOf(ground.organizationId, more);
    expect(await ground.database.record.accept(input)).toMatchObject({ kind: 'accepted' });
    return input;
  };
  const commits = async () => {
    const [row] = await ground.look('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()');
    return Number(row?.['xact_commit']);
  };

  beforeAll(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
  });
  afterAll(() => ground.close());

  it('guarantees that 1,000 messages accepted at once are all there, once, in far fewer transactions', async () => {
    const inputs = Array.from({ length: 1_000 }, () =>
      acceptInputOf(ground.organizationId, { rcptTo: [ANN, 'bob@customer.example'] }),
    );
    const before = await commits();
    const outcomes = await Promise.all(inputs.map((input) => ground.database.record.accept(input)));
    expect(outcomes).toEqual(inputs.map(({ id }) => ({ kind: 'accepted', id })));
    const ids = inputs.map(({ id }) => id);
    for (const [table, column, count] of [
      ['message', 'id', 1_000],
      ['recipient', 'message_id', 2_000],
      ['outbox', 'id', 1_000],
      ['event', 'message_id', 1_000],
    ] as const) {
      const [row] = await ground.look(
        `SELECT count(*)::integer AS count FROM ${table} WHERE ${column} = ANY ($1::uuid[])`,
        [ids],
      );
      expect({ table, count: row?.['count'] }).toEqual({ table, count });
    }
    expect((await commits()) - before).toBeLessThan(200);
    const calls = await Promise.all(
      ids.map((id) => ground.database.record.claim('process', ground.organizationId, [id])),
    );
    expect(calls.flat().map(({ id }) => id)).toEqual(ids);
    await Promise.all(
      calls
        .flat()
        .map((claimed) =>
          ground.database.record.close(
            closeInputOf(claimed, [recipientCloseOf(ANN), recipientCloseOf('bob@customer.example')]),
          ),
        ),
    );
    const [left] = await ground.look('SELECT count(*)::integer AS count FROM outbox WHERE id = ANY ($1::uuid[])', [
      ids,
    ]);
    expect(left?.['count']).toBe(0);
    const states = await ground.look(
      'SELECT DISTINCT status, closed_at IS NULL AS is_open FROM message WHERE id = ANY ($1::uuid[])',
      [ids],
    );
    expect(states).toEqual([{ status: 'delivered', is_open: false }]);
  });

  it('guarantees that one message that cannot be stored fails alone', async () => {
    const good = Array.from({ length: 20 }, () => acceptInputOf(ground.organizationId));
    // No size that a message can have, and no text that an index can hold.
    const bad = [
      acceptInputOf(ground.organizationId, { sizeBytes: 1.5 }),
      acceptInputOf(ground.organizationId, { rcptTo: [`${randomBytes(9_000).toString('hex')}@customer.example`] }),
    ];
    const all = [...good.slice(0, 10), ...bad, ...good.slice(10)];
    const outcomes = await Promise.allSettled(all.map((input) => ground.database.record.accept(input)));
    const failed = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
    expect(failed).toEqual([10, 11]);
    for (const index of failed)
      expect(outcomes[index]).toMatchObject({ reason: { code: 'ERR_DATABASE_VALUE', kind: 'invalid' } });
    const ids = all.map(({ id }) => id);
    const rows = await ground.look('SELECT id FROM message WHERE id = ANY ($1::uuid[])', [ids]);
    expect(rows.map(({ id }) => id).sort()).toEqual(good.map(({ id }) => id).sort());
  });

  it('guarantees that one run that cannot be recorded fails alone', async () => {
    const messages = await Promise.all([1, 2, 3, 4].map(() => accepted()));
    const [first, second, third, fourth] = messages;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error();
    const outcomes = await Promise.allSettled([
      ground.database.record.close(closeInputOf(first, [recipientCloseOf(ANN)])),
      ground.database.record.close(closeInputOf(second, [recipientCloseOf(ANN, { rules: ['not an id'] })])),
      ground.database.record.close(closeInputOf({ ...third, id: deriveId('unknown') }, [recipientCloseOf(ANN)])),
      ground.database.record.close(closeInputOf(fourth, [recipientCloseOf(ANN)])),
    ]);
    expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'ok'))).toEqual([
      'ok',
      'ERR_DATABASE_VALUE',
      'ERR_RECORD_MISSING',
      'ok',
    ]);
    const states = await Promise.all(
      messages.map(async ({ id }) => (await ground.database.messages.find(ground.organizationId, id))?.status),
    );
    expect(states).toEqual(['delivered', 'accepted', 'accepted', 'delivered']);
  });

  it('keeps what people and relays write as it is, but for NUL and halves of surrogate pairs', async () => {
    const input = acceptInputOf(ground.organizationId);
    const text = `'";\\ {},NULL \u{1f512} \n x\0y\ud83d z\udd12`;
    const kept = text.replaceAll(/\0|\ud83d(?= )|\udd12$/g, '\u{fffd}');
    await ground.database.record.accept({
      ...input,
      envelope: { ...input.envelope, envid: text, rcptTo: [{ address: ANN, notify: null, orcpt: text }] },
      connection: { ...input.connection, helo: text },
    });
    const claimed = await claimOne(ground.database.record, input);
    expect(claimed.envelope.envid).toBe(kept);
    expect(claimed.recipients[0]?.orcpt).toBe(kept);
    const event = { type: 'delivered', at: new Date(), detail: { text, list: [text] } } as const;
    const notify = {
      id: newId(Date.now(), randomBytes),
      type: 'failure',
      recipients: [ANN],
      status: [{ code: '5.0.0', reply: text }],
    } as const;
    const recipient = recipientCloseOf(ANN, { lastReply: text, attempted: true, deliveryId: deriveId('d') });
    await ground.database.record.close(closeInputOf(claimed, [recipient], { events: [event], notify: [notify] }));
    const found = await ground.database.messages.find(ground.organizationId, input.id);
    expect(found?.recipients[0]?.delivery?.lastReply).toBe(kept);
    expect(found?.events[1]?.detail).toEqual({ text: kept, list: [kept] });
    const [told] = await ground.database.record.claimNotify(ground.organizationId, [notify.id]);
    expect(told?.request.status[0]?.reply).toBe(kept);
  });

  it('gives an address that was named twice one copy', async () => {
    const input = await accepted({ rcptTo: [ANN, 'bob@customer.example', ANN] });
    const { recipients } = await claimOne(ground.database.record, input);
    expect(recipients.map(({ address, n }) => [address, n])).toEqual([
      [ANN, 0],
      ['bob@customer.example', 1],
    ]);
  });

  it('takes an idempotency key anew after its time: a day for REST, a month for others', async () => {
    const day = 24 * 3_600_000;
    for (const [scope, days] of [
      ['rest', 1],
      ['rest 01a20f9b-86fb-776d-ac05-f058a1d7612f', 1],
      ['connector 01a20f9b-86fb-776d-ac05-f058a1d7612f', 31],
    ] as const) {
      const idempotency = { scope, key: 'again' };
      const first = await accepted({ idempotency });
      await ground.letTimePass((days - 0.1) * day);
      expect(await ground.database.record.accept(acceptInputOf(ground.organizationId, { idempotency }))).toEqual({
        kind: 'repeated',
        id: first.id,
      });
      await ground.letTimePass(0.2 * day);
      await accepted({ idempotency, sha256: 'cd'.repeat(32) });
    }
    await ground.letTimePass(40 * day);
    expect(await ground.database.housekeeping.forgetIdempotency(new Date())).toBeGreaterThanOrEqual(3);
    expect(await ground.database.housekeeping.forgetIdempotency(new Date())).toBe(0);
  });

  it('takes a message for a thousand recipients and settles each', async () => {
    const rcptTo = Array.from({ length: 1_000 }, (_, n) => `r${n}@customer.example`);
    const input = await accepted({ rcptTo });
    const claimed = await claimOne(ground.database.record, input);
    expect(claimed.recipients.map(({ address }) => address)).toEqual(rcptTo);
    const recipients = rcptTo.map((address, n) =>
      recipientCloseOf(address, { state: n % 2 === 0 ? 'delivered' : 'bounced' }),
    );
    await ground.database.record.close(closeInputOf(claimed, recipients));
    expect((await ground.database.messages.find(ground.organizationId, input.id))?.status).toBe('partiallyDelivered');
  });
});
