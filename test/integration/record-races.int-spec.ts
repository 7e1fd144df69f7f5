import { randomBytes } from 'node:crypto';
import { newId, type RandomBytes } from '#lib/core';
import type { Database, MessageActInput } from '#lib/adapters';
import { PostgresServer } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import {
  acceptInputOf,
  claimOne,
  closeInputOf,
  HELD_KEYLESS,
  importKey,
  openRecordDatabase,
  recipientCloseOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const CARL = 'carl@customer.example';
const DEFERRED = { state: 'deferred', attempted: true } as const;

describe('what happens to a message at the same time', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;
  const accepted = async (rcptTo: readonly string[], more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = acceptInputOf(organizationId, { rcptTo, ...more });
    await database.record.accept(input);
    return input;
  };
  const act = (id: string, input: Omit<MessageActInput, 'apiKeyId'>) =>
    database.messages.act(organizationId, id, { apiKeyId: 'key', ...input });
  const find = async ({ id }: { readonly id: string }) => {
    const found = await database.messages.find(organizationId, id);
    if (found === undefined) throw new Error('not found');
    return found;
  };
  const statesOf = async (message: { readonly id: string }) =>
    Object.fromEntries((await find(message)).recipients.map(({ address, state }) => [address, state]));
  const claims = async ({ id }: { readonly id: string }, queue: 'process' | 'emit' = 'process') =>
    database.record.claim(queue, organizationId, [id]);

  beforeEach(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  it('guarantees that a release during a run is judged right after it', async () => {
    const message = await accepted([ANN, BOB]);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)]),
    );
    await act(message.id, { act: 'release', recipients: [ANN] });
    const claimed = await claimOne(database.record, message);
    expect(await act(message.id, { act: 'release', recipients: [BOB] })).toMatchObject({
      kind: 'done',
      recipients: [BOB],
    });
    expect(await claims(message)).toEqual([]);
    await database.record.close(closeInputOf(claimed, [recipientCloseOf(ANN)]));
    expect((await claims(message)).map(({ recipients }) => recipients.map(({ state }) => state))).toEqual([
      ['delivered', 'pending'],
    ]);
    expect((await find(message)).status).toBe('delivering');
  });

  /** Until a statement of ours waits for a lock. */
  const isWaiting = () =>
    waitFor('a statement to wait', async () => {
      const rows = await ground.look(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'sealflow' AND wait_event_type = 'Lock'`,
      );
      return rows.length === 1;
    });

  it('guarantees that a closing record waits for an act that is half done, and sees what it did', async () => {
    const message = await accepted([ANN, BOB]);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)]),
    );
    await act(message.id, { act: 'release', recipients: [ANN] });
    const claimed = await claimOne(database.record, message);
    // What `act` does, held before its end.
    await ground.look('BEGIN');
    await ground.look('SELECT FROM message WHERE id = $1 FOR NO KEY UPDATE', [message.id]);
    await ground.look(`UPDATE recipient SET state = 'pending' WHERE message_id = $1 AND address = $2`, [
      message.id,
      BOB,
    ]);
    await ground.look('UPDATE outbox SET due_at = least(due_at, now()) WHERE id = $1', [message.id]);
    const closing = database.record.close(closeInputOf(claimed, [recipientCloseOf(ANN)]));
    await isWaiting();
    await ground.look('COMMIT');
    await closing;
    expect(await statesOf(message)).toEqual({ [ANN]: 'delivered', [BOB]: 'pending' });
    expect((await find(message)).status).toBe('delivering');
    expect(await claims(message)).toHaveLength(1);
  });

  it('guarantees that an act waits for a closing record that is half done, and sees what it did', async () => {
    const message = await accepted([ANN]);
    await ground.look('BEGIN');
    await ground.look('SELECT FROM message WHERE id = $1 FOR NO KEY UPDATE', [message.id]);
    await ground.look(`UPDATE recipient SET state = 'held', code = 'ERR_KEY_MISSING' WHERE message_id = $1`, [
      message.id,
    ]);
    await ground.look('DELETE FROM outbox WHERE id = $1', [message.id]);
    const acting = act(message.id, { act: 'release' });
    await isWaiting();
    await ground.look('COMMIT');
    expect(await acting).toMatchObject({ kind: 'done', recipients: [ANN] });
    expect(await claims(message)).toHaveLength(1);
  });

  it('guarantees that a key that comes during a run releases what the run then holds', async () => {
    const message = await accepted([ANN]);
    const run = await claimOne(database.record, message);
    // Judged without the key; it comes before that is written down.
    const { released } = await importKey(database, organizationId, 'ann');
    expect(released).toEqual([]);
    await database.record.close(closeInputOf(run, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    expect(await claims(message)).toEqual([]);
    expect(await database.housekeeping.releaseKeyed(10)).toEqual([{ organizationId, id: message.id }]);
    const [claimed] = await claims(message);
    expect(claimed?.recipients[0]?.state).toBe('pending');
    expect((await find(message)).events.map(({ type, detail }) => [type, detail])).toContainEqual([
      'released',
      { why: 'keyArrived', recipients: [ANN] },
    ]);
    expect(await database.housekeeping.releaseKeyed(10)).toEqual([]);
  });

  it('guarantees that a key releases what was held for want of it, and nothing else', async () => {
    const [one, two, other] = [await accepted([ANN, BOB]), await accepted([ANN]), await accepted([BOB])];
    await database.record.close(
      closeInputOf(one, [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)]),
    );
    await database.record.close(closeInputOf(two, [recipientCloseOf(ANN, { state: 'held', code: 'ERR_SEAL_FAILED' })]));
    await database.record.close(closeInputOf(other, [recipientCloseOf(BOB, HELD_KEYLESS)]));
    const imported = await importKey(database, organizationId, 'ann');
    expect(imported).toMatchObject({ kind: 'created', released: [one.id] });
    expect(await statesOf(one)).toEqual({ [ANN]: 'pending', [BOB]: 'held' });
    expect(await statesOf(two)).toEqual({ [ANN]: 'held' });
    expect((await claims(one)).length).toBe(1);
    expect(await claims(other)).toEqual([]);
    expect(await importKey(database, organizationId, 'ann')).toMatchObject({ kind: 'known', released: [] });
    expect((await find(one)).status).toBe('delivering');
  });

  it('guarantees that an address whose certificate is of no use keeps no other one waiting', async () => {
    const useless = await accepted([CARL]);
    const message = await accepted([BOB]);
    for (const [one, address] of [
      [useless, CARL],
      [message, BOB],
    ] as const) {
      await database.record.close(closeInputOf(one, [recipientCloseOf(address, HELD_KEYLESS)]));
    }
    // Ann's certificate does not say that it is Carl's: it is found by the address and refused at use.
    await importKey(database, organizationId, 'ann', {
      addresses: [CARL],
      trust: { status: 'untrusted', reason: 'x' },
    });
    await importKey(database, organizationId, 'bob', { trust: { status: 'untrusted', reason: 'x' } });
    const passes = [];
    for (let pass = 0; pass < 4; pass += 1) passes.push(...(await database.housekeeping.releaseKeyed(1)));
    expect(passes).toEqual([{ organizationId, id: message.id }]);
  });

  it('guarantees that a copy that left while it was rejected counts as delivered', async () => {
    const message = await accepted([ANN, BOB]);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, DEFERRED), recipientCloseOf(BOB, DEFERRED)], { emitAt: new Date() }),
    );
    const claimed = await claimOne(database.record, message, 'emit');
    const outcome = await act(message.id, { act: 'reject' });
    expect(outcome).toMatchObject({ kind: 'done', recipients: [ANN, BOB], enqueue: [{ queue: 'notify' }] });
    expect((await find(message)).status).toBe('rejected');
    const emitAt = new Date(Date.now() + 60_000);
    await database.record.close(
      closeInputOf(claimed, [recipientCloseOf(ANN), recipientCloseOf(BOB, DEFERRED)], { emitAt }),
    );
    expect(await statesOf(message)).toEqual({ [ANN]: 'delivered', [BOB]: 'rejected' });
    const [row] = await ground.look('SELECT count(*)::integer AS count FROM outbox WHERE id = $1', [message.id]);
    expect(row?.['count']).toBe(0);
    expect((await find(message)).status).toBe('partiallyDelivered');
  });

  it('tells the sender of a rejection once, and nobody where nobody may be told', async () => {
    const message = await accepted([ANN]);
    await database.record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    const outcome = await act(message.id, { act: 'reject' });
    const [notify] = outcome.kind === 'done' ? outcome.enqueue : [];
    const [claimed] = await database.record.claimNotify(organizationId, [notify?.id ?? '']);
    expect(claimed?.request).toMatchObject({ type: 'failure', recipients: [ANN], status: [{ code: '5.7.0' }] });
    expect((await find(message)).events.map(({ type }) => type)).toEqual([
      'accepted',
      'rejected',
      'closed',
      'notified',
    ]);
    const anonymous = acceptInputOf(organizationId);
    await database.record.accept({ ...anonymous, envelope: { ...anonymous.envelope, mailFrom: '' } });
    await database.record.close(closeInputOf(anonymous, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    expect(await act(anonymous.id, { act: 'reject' })).toMatchObject({ kind: 'done', enqueue: [] });
  });

  it('tries at once what was deferred, when a person asks for it', async () => {
    const message = await accepted([ANN, BOB]);
    const emitAt = new Date(Date.now() + 3_600_000);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, DEFERRED), recipientCloseOf(BOB, HELD_KEYLESS)], { emitAt }),
    );
    expect(await claims(message, 'emit')).toEqual([]);
    expect(await act(message.id, { act: 'retry' })).toMatchObject({
      kind: 'done',
      recipients: [ANN, BOB],
      enqueue: [{ queue: 'process' }, { queue: 'emit' }],
    });
    expect(await claims(message, 'emit')).toHaveLength(1);
    expect(await claims(message)).toHaveLength(1);
    expect((await find(message)).events.at(-1)).toMatchObject({ type: 'retried', detail: { recipients: [BOB, ANN] } });
  });

  it('does nothing where an act does not fit', async () => {
    const message = await accepted([ANN]);
    for (const name of ['release', 'retry', 'reject', 'rejudge'] as const) {
      expect(await act(message.id, { act: name })).toEqual({ kind: 'unfit' });
    }
    await database.record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    expect(await act(message.id, { act: 'release', recipients: [BOB] })).toEqual({ kind: 'unfit' });
    expect(await act(newId(0, randomBytes), { act: 'release' })).toEqual({ kind: 'missing' });
    expect(await act('no id', { act: 'release' })).toEqual({ kind: 'missing' });
    expect((await find(message)).events.map(({ type }) => type)).toEqual(['accepted']);
  });

  it('guarantees that of two processes with one idempotency key one takes it', async () => {
    const others = [database, ground.open(), ground.open()];
    for (let round = 0; round < 20; round += 1) {
      const idempotency = { scope: 'connector', key: `round ${round}` };
      const inputs = others.map((_, n) =>
        acceptInputOf(organizationId, { idempotency, sha256: (n === 2 ? 'cd' : 'ab').repeat(32) }),
      );
      const outcomes = await Promise.all(others.map((one, n) => one.record.accept(inputs[n] as (typeof inputs)[0])));
      const kinds = outcomes.map(({ kind }) => kind).sort();
      expect([
        ['accepted', 'conflict', 'repeated'],
        ['accepted', 'conflict', 'conflict'],
      ]).toContainEqual(kinds);
    }
  });

  it('guarantees that workers which sweep, claim and close together take each message once and lose none', async () => {
    const seed = 4711;
    const random = seeded(seed);
    const processes = [database, ground.open(), ground.open()];
    const messages = await Promise.all(Array.from({ length: 120 }, () => accepted([ANN, BOB])));
    const ids = messages.map(({ id }) => id);
    const taken = new Map<string, number>();
    const work = async (one: Database): Promise<void> => {
      for (;;) {
        const some = shuffled(ids, random).slice(0, 10);
        const claimed = await one.record.claim('process', organizationId, some);
        for (const { id } of claimed) taken.set(id, (taken.get(id) ?? 0) + 1);
        await Promise.all([
          ...claimed.map((message) =>
            one.record.close(closeInputOf(message, [recipientCloseOf(ANN), recipientCloseOf(BOB, HELD_KEYLESS)])),
          ),
          one.record.renew(organizationId, claimed),
          one.record.sweep(5),
        ]);
        if (taken.size === ids.length) return;
      }
    };
    await Promise.all(processes.map(work));
    expect([...taken.values()].filter((times) => times !== 1)).toEqual([]);
    // Releases, keys, rejections and closing records of the same messages, in different orders: nothing waits for ever.
    const held = shuffled(ids, random);
    await Promise.all([
      importKey(processes[0] as Database, organizationId, 'bob'),
      ...held.slice(0, 60).map((id) => act(id, { act: 'release' })),
      ...held
        .slice(40, 100)
        .map((id) => (processes[1] as Database).messages.act(organizationId, id, { act: 'reject', apiKeyId: 'key' })),
      ...held
        .slice(80)
        .map((id) =>
          (processes[2] as Database).record.close(closeInputOf({ id, organizationId }, [recipientCloseOf(ANN)])),
        ),
    ]);
    const wrong = await ground.look(
      `SELECT m.id FROM message m
        WHERE m.status <> message_status(ARRAY(SELECT state FROM recipient r WHERE r.message_id = m.id))
           OR EXISTS (SELECT FROM recipient r WHERE r.message_id = m.id AND r.state = 'pending')
              <> EXISTS (SELECT FROM outbox o WHERE o.id = m.id AND o.queue = 'process')`,
    );
    expect(wrong).toEqual([]);
    const [left] = await ground.look(
      `SELECT count(*)::integer AS count FROM recipient WHERE state = 'held' AND address = $1`,
      [BOB],
    );
    expect(left?.['count']).toBe(0);
  });
});

function seeded(seed: number): RandomBytes {
  let state = seed;
  return (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      bytes[at] = state >>> 16;
    }
    return bytes;
  };
}

function shuffled<T>(items: readonly T[], random: RandomBytes): T[] {
  return items
    .map((item) => ({ item, key: Buffer.from(random(4)).readUInt32BE() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
