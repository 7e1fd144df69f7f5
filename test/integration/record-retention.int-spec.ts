import type { Database } from '#lib/adapters';
import { deriveId } from '#lib/core';
import type { KeptJudging } from '#lib/flow';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  claimOne,
  closeInputOf,
  HELD_KEYLESS,
  openRecordDatabase,
  recipientCloseOf,
  ruleInputOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const segment = (n: number) => `s-00000000-0000-8000-8000-00000000000${n}`;

describe('retention', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;
  const accepted = async (more: Parameters<typeof acceptInputOf>[1] = {}) => {
    const input = acceptInputOf(organizationId, more);
    await database.record.accept(input);
    return input;
  };
  const sealed = { sealedTrace: new Uint8Array([1]), sealedSummary: new Uint8Array([2]) };

  beforeEach(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  it('guarantees that the content of finished messages goes when its time has come, and no other', async () => {
    const [finished, held, waiting, young] = [
      await accepted(),
      await accepted({ rcptTo: [ANN, BOB] }),
      await accepted(),
      await accepted(),
    ];
    await database.record.close(closeInputOf(finished, [recipientCloseOf(ANN)], sealed));
    await database.record.close(
      closeInputOf(held, [recipientCloseOf(ANN), recipientCloseOf(BOB, HELD_KEYLESS)], sealed),
    );
    await ground.look(`UPDATE message SET closed_at = closed_at - interval '31 days'`);
    await database.record.close(closeInputOf(young, [recipientCloseOf(ANN)], sealed));
    const before = new Date(Date.now() - 30 * 24 * 3_600_000);
    expect(await database.housekeeping.destroyContent(before, 100)).toBe(1);
    expect(await database.housekeeping.destroyContent(before, 100)).toBe(0);
    const [row] = await ground.look('SELECT wrapped_key, sealed_trace, sealed_summary FROM message WHERE id = $1', [
      finished.id,
    ]);
    expect(row).toEqual({ wrapped_key: null, sealed_trace: null, sealed_summary: null });
    const found = await database.messages.find(organizationId, finished.id);
    expect(found).toMatchObject({ isContentDestroyed: true, summary: null, trace: null, status: 'delivered' });
    expect(found?.events.map(({ type }) => type)).toEqual(['accepted', 'contentDestroyed']);
    expect(await database.messages.content(organizationId, finished.id)).toBeUndefined();
    for (const { id } of [held, waiting, young])
      expect(await database.messages.content(organizationId, id)).toBeDefined();
  });

  it('guarantees that the outcomes of rules stay, with their names, when what explains them goes', async () => {
    const rule = await database.rules.create(organizationId, ruleInputOf({ name: 'For Bob alone' }));
    const { hash } = await database.rules.current(organizationId);
    const message = await accepted({ rcptTo: [ANN, BOB] });
    const head = { at: '2026-11-24T12:00:00.000Z', judge: 1, people: [0, 1], kind: 'judged' } as const;
    const judging: KeptJudging = { ...head, says: ['matched'], rows: ['-0'], rules: [[0, 0]] };
    const keyless = [recipientCloseOf(ANN), recipientCloseOf(BOB, HELD_KEYLESS)];
    const more = { ...sealed, judging, ruleSetUsed: hash };
    await database.record.close(closeInputOf(message, keyless, more));
    await database.messages.act(organizationId, message.id, { act: 'release', apiKeyId: 'key' });
    await database.record.close(closeInputOf(await claimOne(database.record, message), [recipientCloseOf(BOB)], more));
    expect(await database.messages.judgingTrace(organizationId, message.id, 0)).not.toBeNull();
    await database.rules.remove(organizationId, rule.id, null);
    expect(await database.housekeeping.destroyContent(new Date(Date.now() + 1_000), 100)).toBe(1);
    for (const n of [0, 1]) expect(await database.messages.judgingTrace(organizationId, message.id, n)).toBeNull();
    const judged = await database.messages.judged(organizationId, message.id);
    expect(judged).toMatchObject({ isContentKept: false, judgings: [{ kept: judging }, { kept: judging }] });
    expect((await database.messages.find(organizationId, message.id))?.trace?.rules).toEqual([
      {
        id: rule.id,
        index: 0,
        name: 'For Bob alone',
        mode: 'enforce',
        outcome: 'matched',
        recipients: [
          { address: ANN, outcome: 'notMatched' },
          { address: BOB, outcome: 'matched' },
        ],
        why: [],
      },
    ]);
  });

  it('guarantees that a message that somebody took up again keeps its content', async () => {
    const message = await accepted({ rcptTo: [ANN] });
    await database.record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)], sealed));
    await database.messages.act(organizationId, message.id, { act: 'reject', apiKeyId: 'key' });
    const far = new Date(Date.now() + 1_000);
    const [{ closed_at: closedAt } = {}] = await ground.look('SELECT closed_at FROM message WHERE id = $1', [
      message.id,
    ]);
    expect(closedAt).toBeInstanceOf(Date);
    expect(await database.housekeeping.destroyContent(far, 100)).toBe(1);
    // What is destroyed can be neither sent nor rejected again.
    await ground.look(`UPDATE recipient SET state = 'held' WHERE message_id = $1`, [message.id]);
    expect(await database.messages.act(organizationId, message.id, { act: 'release', apiKeyId: 'key' })).toEqual({
      kind: 'unfit',
    });
  });

  it('goes in bounded steps, oldest first, over all organizations', async () => {
    const other = await ground.addOrganization('other.example');
    const inputs = [acceptInputOf(organizationId), acceptInputOf(other), acceptInputOf(organizationId)];
    for (const input of inputs) {
      await database.record.accept(input);
      await database.record.close(closeInputOf(input, [recipientCloseOf(ANN)]));
    }
    const before = new Date(Date.now() + 1_000);
    expect(await database.housekeeping.destroyContent(before, 2)).toBe(2);
    const left = await ground.look('SELECT id FROM message WHERE wrapped_key IS NOT NULL');
    expect(left).toEqual([{ id: inputs[2]?.id }]);
    expect(await database.housekeeping.destroyContent(before, 2)).toBe(1);
  });

  it('guarantees that a segment is in use as long as a blob of it can be opened', async () => {
    const [one, two] = [
      await accepted({ blob: `${segment(1)}:0:10` }),
      await accepted({ blob: `${segment(1)}:10:10` }),
    ];
    const copy = {
      id: deriveId('copy'),
      blob: `${segment(2)}:0:10`,
      sizeBytes: 10,
      protection: 'smime',
      has8bit: false,
    } as const;
    await database.record.close(closeInputOf(one, [recipientCloseOf(ANN)], { deliveries: [copy] }));
    const inUse = async () =>
      [...(await database.housekeeping.segmentsInUse([segment(1), segment(2), segment(3)]))].sort();
    expect(await inUse()).toEqual([segment(1), segment(2)]);
    const before = new Date(Date.now() + 1_000);
    await database.housekeeping.destroyContent(before, 100);
    expect(await inUse()).toEqual([segment(1)]);
    await database.record.close(closeInputOf(two, [recipientCloseOf(ANN)]));
    await database.housekeeping.destroyContent(new Date(Date.now() + 1_000), 100);
    expect(await inUse()).toEqual([]);
    expect(await database.housekeeping.segmentsInUse([])).toEqual(new Set());
  });

  it('guarantees that a notice that is still owed is told without the content', async () => {
    const message = await accepted();
    const request = {
      id: deriveId(message.id, 'notify'),
      type: 'failure',
      recipients: [ANN],
      status: [{ code: '5.7.1', reply: 'the text of a rule, with a name of the header' }],
    } as const;
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, { state: 'bounced' })], { ...sealed, notify: [request] }),
    );
    await database.housekeeping.destroyContent(new Date(Date.now() + 1_000), 100);
    const [claimed] = await database.record.claimNotify(organizationId, [request.id]);
    expect(claimed).toMatchObject({ sealedSummary: null });
    expect(claimed?.request).toEqual({ ...request, status: [{ code: '5.7.1', reply: '' }] });
  });

  it('says how much waits, and for how long', async () => {
    const message = await accepted();
    await accepted();
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, { state: 'deferred' })], { emitAt: new Date(Date.now() + 60_000) }),
    );
    await ground.letTimePass(10_000);
    const waiting = await database.housekeeping.waiting();
    expect(waiting).toMatchObject({
      process: { count: 1 },
      emit: { count: 1, oldestAgeMs: 0 },
      notify: { count: 0, oldestAgeMs: 0 },
    });
    expect(waiting.process.oldestAgeMs).toBeGreaterThanOrEqual(10_000);
  });

  it('says how long the relay has not taken a copy, though it is not due before its next attempt', async () => {
    expect(await database.housekeeping.deferredAgeMs()).toBe(0);
    const message = await accepted();
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, { state: 'deferred', attempted: true })], {
        emitAt: new Date(Date.now() + 3_600_000),
      }),
    );
    await ground.look(`UPDATE recipient SET first_attempt_at = now() - interval '2 hours' WHERE message_id = $1`, [
      message.id,
    ]);
    expect(await database.housekeeping.deferredAgeMs()).toBeGreaterThanOrEqual(7_200_000);
    expect((await database.housekeeping.waiting()).emit.oldestAgeMs).toBe(0);
  });
});
