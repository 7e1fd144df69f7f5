import { randomBytes } from 'node:crypto';
import type { Database, MessageFilter } from '#lib/adapters';
import { deriveId, newId } from '#lib/core';
import { sealSmall } from '#lib/crypto';
import { InMemoryKms } from '../../libs/flow/src/fakes/in-memory-kms.js';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  allPages,
  claimOne,
  closeInputOf,
  HELD_KEYLESS,
  openRecordDatabase,
  recipientCloseOf,
  ruleInputOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const PAGE = { limit: 50, cursor: null };
const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';

describe('stored messages', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;

  beforeAll(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterAll(() => ground.close());

  const rule = deriveId('a rule');
  const at = (minutes: number) => new Date(Date.parse('2026-11-24T12:00:00Z') + minutes * 60_000);

  it('are listed newest first, by every filter and by several at once', async () => {
    const make = async (
      n: number,
      more: Parameters<typeof acceptInputOf>[1],
      states: Parameters<typeof recipientCloseOf>[1][] | null,
    ) => {
      const input = acceptInputOf(organizationId, { receivedAt: at(n), ...more });
      const mailFrom = n % 2 === 0 ? (n % 4 === 0 ? 'Sue@example.com' : 'sue@example.com') : 'tom@example.com';
      await database.record.accept({ ...input, envelope: { ...input.envelope, mailFrom } });
      if (states !== null) {
        await database.record.close(
          closeInputOf(
            input,
            input.envelope.rcptTo.map(({ address }, index) => recipientCloseOf(address, states[index])),
          ),
        );
      }
      return input.id;
    };
    const ids = [
      await make(0, {}, [{}]),
      await make(1, { rcptTo: [ANN, BOB] }, [{ rules: [rule] }, HELD_KEYLESS]),
      await make(2, { rcptTo: [BOB] }, [{ ...HELD_KEYLESS, rules: [rule] }]),
      await make(3, {}, null),
      await make(4, { rcptTo: [BOB] }, null),
      await make(5, { id: deriveId('a notice, by no time'), kind: 'notice' }, [{ state: 'bounced' }]),
      await make(5, {}, [{ rules: [rule] }]),
    ];
    await claimOne(database.record, { id: ids[4] ?? '', organizationId });
    const listed = async (filter: MessageFilter) =>
      (await allPages((page) => database.messages.list(organizationId, filter, page))).map(({ id }) => ids.indexOf(id));
    // Of the same moment: by id.
    const last = (ids[5] ?? '') > (ids[6] ?? '') ? [5, 6] : [6, 5];
    expect(await listed({})).toEqual([...last, 4, 3, 2, 1, 0]);
    expect(await listed({ status: 'delivered' })).toEqual([6, 0]);
    expect(await listed({ status: 'partiallyDelivered' })).toEqual([1]);
    expect(await listed({ status: 'held' })).toEqual([2]);
    expect(await listed({ status: 'failed' })).toEqual([5]);
    expect(await listed({ status: 'accepted' })).toEqual([3]);
    expect(await listed({ status: 'processing' })).toEqual([4]);
    expect(await listed({ mailFrom: 'sue@example.com' })).toEqual([6, 4, 2, 0].filter((n) => n !== 6));
    expect(await listed({ mailFrom: 'nobody@example.com' })).toEqual([]);
    expect(await listed({ rcptTo: BOB })).toEqual([4, 2, 1]);
    expect(await listed({ state: 'held' })).toEqual([2, 1]);
    expect(await listed({ state: 'held', status: 'partiallyDelivered' })).toEqual([1]);
    expect(await listed({ state: 'held', rule, since: at(2) })).toEqual([2]);
    expect(await listed({ state: 'held', rcptTo: BOB })).toEqual([2, 1]);
    expect(await listed({ state: 'held', rcptTo: ANN })).toEqual([]);
    expect(await listed({ state: 'delivered' })).toEqual([6, 1, 0]);
    expect(await listed({ state: 'pending' })).toEqual([4, 3]);
    expect(await listed({ state: 'pending', rule })).toEqual([]);
    expect(await listed({ state: 'bounced' })).toEqual([5]);
    expect(await listed({ state: 'quarantined' })).toEqual([]);
    expect(await listed({ rule })).toEqual([6, 2, 1]);
    expect(await listed({ rule: 'no id' })).toEqual([]);
    expect(await listed({ since: at(4) })).toEqual([...last, 4]);
    expect(await listed({ ids: [ids[0] ?? '', ids[4] ?? '', 'no id'] })).toEqual([4, 0]);
    expect(await listed({ ids: [] })).toEqual([]);
    expect(await listed({ rcptTo: BOB, rule, mailFrom: 'sue@example.com', status: 'held', since: at(1), ids })).toEqual(
      [2],
    );
    expect((await database.messages.list(organizationId, { rcptTo: BOB }, PAGE)).items[2]).toEqual({
      id: ids[1],
      status: 'partiallyDelivered',
      kind: 'mail',
      mailFrom: 'tom@example.com',
      sizeBytes: 10_000,
      receivedAt: at(1).toISOString(),
      source: 'smtp',
      ruleSet: (await database.rules.current(organizationId)).hash,
      recipientCount: 2,
      recipients: expect.arrayContaining([expect.objectContaining({ address: BOB })]),
    });
  });

  it('guarantees that a cursor of another list is refused', async () => {
    const { id } = await database.rules.create(organizationId, ruleInputOf());
    await database.rules.create(organizationId, ruleInputOf());
    const { nextCursor } = await database.rules.list(organizationId, { limit: 1, cursor: null });
    const foreign = [
      nextCursor,
      id,
      '',
      'x',
      '%',
      'A'.repeat(300),
      Buffer.from(`["'; DROP TABLE message"]`).toString('base64url'),
      Buffer.from('[9e99,"x"]').toString('base64url'),
    ];
    for (const cursor of foreign) {
      await expect(database.messages.list(organizationId, {}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'ERR_CURSOR_INVALID',
      });
      await expect(database.apiKeys.list(organizationId, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'ERR_CURSOR_INVALID',
      });
    }
  });

  it('open what is sealed with the message’s own key, as long as there is one', async () => {
    const kms = new InMemoryKms();
    const opened = ground.open({ openDataKey: (organization, wrapped) => kms.openDataKey(organization, wrapped) });
    const { key, wrapped } = await kms.newDataKey(organizationId);
    const summary = {
      subject: 'Hello',
      headerFrom: null,
      headerTo: null,
      date: null,
      messageId: null,
      isProtectionAsked: true,
    };
    const trace = { ruleSet: 'x', rules: [], audits: [] };
    const message = acceptInputOf(organizationId, { wrappedKey: wrapped });
    await opened.record.accept(message);
    expect(await opened.messages.find(organizationId, message.id)).toMatchObject({
      summary: null,
      trace: null,
      status: 'accepted',
    });
    const sealed = (purpose: string, value: unknown) =>
      sealSmall(key, purpose, Buffer.from(JSON.stringify(value)), randomBytes);
    await opened.record.close(
      closeInputOf(
        message,
        [recipientCloseOf(ANN, { rules: [rule], deliveryId: deriveId('d'), lastReply: '250 ok', attempted: true })],
        {
          sealedSummary: sealed('summary', summary),
          sealedTrace: sealed('trace', trace),
          ruleSetUsed: 'the one that judged',
        },
      ),
    );
    // A later run that judged nothing leaves them.
    await opened.record.close(closeInputOf(message, []));
    expect(await opened.messages.find(organizationId, message.id)).toMatchObject({
      summary,
      trace,
      isContentDestroyed: false,
      ruleSet: 'the one that judged',
      recipients: [
        {
          address: ANN,
          origin: 'envelope',
          state: 'delivered',
          protection: 'none',
          rules: [rule],
          code: null,
          delivery: { attempts: 1, lastReply: '250 ok' },
        },
      ],
    });
    const content = await opened.messages.content(organizationId, message.id);
    expect(content).toMatchObject({ blob: message.blob, sizeBytes: 10_000 });
    expect(Buffer.from(content?.wrappedKey ?? [])).toEqual(Buffer.from(wrapped));
    expect(await opened.messages.find(organizationId, 'no id')).toBeUndefined();
    expect(await opened.messages.content(organizationId, newId(0, randomBytes))).toBeUndefined();
  });

  it.each([
    [['delivered', 'delivered'], 'delivered'],
    [['delivered', 'redirected'], 'delivered'],
    [['redirected'], 'delivered'],
    [['delivered', 'bounced'], 'partiallyDelivered'],
    [['delivered', 'held'], 'partiallyDelivered'],
    [['delivered', 'deleted'], 'partiallyDelivered'],
    [['held', 'held'], 'held'],
    [['held', 'rejected'], 'held'],
    [['held', 'deferred'], 'delivering'],
    [['pending', 'delivered'], 'delivering'],
    [['quarantined'], 'quarantined'],
    [['quarantined', 'bounced'], 'quarantined'],
    [['awaitingApproval', 'deleted'], 'awaitingApproval'],
    [['bounced', 'rejected'], 'failed'],
    [['rejected', 'deleted'], 'rejected'],
    [['rejected', 'redirected'], 'rejected'],
    [['deleted', 'deleted'], 'deleted'],
  ])('have of recipients that are %j the status %s', async (states, status) => {
    expect(await ground.look('SELECT message_status($1) AS status', [states])).toEqual([{ status }]);
  });
});
