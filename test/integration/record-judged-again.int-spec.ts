import { randomBytes } from 'node:crypto';
import type { Database, MessageActInput } from '#lib/adapters';
import { newId } from '#lib/core';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  claimOne,
  closeInputOf,
  HELD_KEYLESS,
  importKey,
  openRecordDatabase,
  recipientCloseOf,
  ruleInputOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';

describe('what is judged again', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;
  const accepted = async (rcptTo: readonly string[]) => {
    const input = acceptInputOf(organizationId, { rcptTo });
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

  beforeEach(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  it('guarantees that a message is never judged by two rule sets at once', async () => {
    const message = await accepted([ANN, BOB]);
    await database.record.close(
      closeInputOf(message, [
        recipientCloseOf(ANN, HELD_KEYLESS),
        recipientCloseOf(BOB, { state: 'quarantined', parkedByRule: newId(0, randomBytes) }),
      ]),
    );
    await database.rules.create(organizationId, ruleInputOf());
    const { hash } = await database.rules.current(organizationId);
    await act(message.id, { act: 'rejudge', recipients: [BOB] });
    await act(message.id, { act: 'release', recipients: [ANN] });
    const first = await claimOne(database.record, message);
    expect(first).toMatchObject({ rejudgeWith: null, recipients: [{ state: 'pending' }, { state: 'held' }] });
    await database.record.close(closeInputOf(first, [recipientCloseOf(ANN)]));
    const second = await claimOne(database.record, message);
    expect(second).toMatchObject({
      rejudgeWith: hash,
      ruleSet: first.ruleSet,
      recipients: [{ state: 'delivered' }, { state: 'pending', resumeAfterRule: null }],
    });
    expect(hash).not.toBe(first.ruleSet);
  });

  it('guarantees that what a rejudge wants protected stays so when the key comes', async () => {
    const message = await accepted([ANN]);
    await database.record.close(closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    await database.rules.create(organizationId, ruleInputOf());
    const { hash } = await database.rules.current(organizationId);
    await act(message.id, { act: 'rejudge' });
    const claimed = await claimOne(database.record, message);
    await database.record.close(closeInputOf(claimed, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    await database.rules.create(organizationId, ruleInputOf());
    expect((await importKey(database, organizationId, 'ann')).released).toEqual([message.id]);
    expect(await claimOne(database.record, message)).toMatchObject({
      rejudgeWith: hash,
      recipients: [{ state: 'pending' }],
    });
  });

  it('guarantees that what was parked goes on behind the rule that parked it', async () => {
    const rule = newId(0, randomBytes);
    const message = await accepted([ANN]);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, { state: 'quarantined', parkedByRule: rule })]),
    );
    expect((await find(message)).status).toBe('quarantined');
    await act(message.id, { act: 'release' });
    const released = await claimOne(database.record, message);
    expect(released.recipients[0]).toMatchObject({ state: 'pending', resumeAfterRule: rule });
    // Held for want of a key then: the place is remembered.
    await database.record.close(closeInputOf(released, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    await act(message.id, { act: 'retry' });
    expect((await claimOne(database.record, message)).recipients[0]).toMatchObject({ resumeAfterRule: rule });
  });

  it('guarantees that a copy goes in clear only where it was asked for this time', async () => {
    const message = await accepted([ANN, BOB]);
    await database.record.close(
      closeInputOf(message, [recipientCloseOf(ANN, HELD_KEYLESS), recipientCloseOf(BOB, HELD_KEYLESS)]),
    );
    await act(message.id, { act: 'release', recipients: [ANN], unprotected: { reason: 'by telephone' } });
    const claimed = await claimOne(database.record, message);
    expect(claimed.recipients.map(({ isUnprotected }) => isUnprotected)).toEqual([true, false]);
    expect((await find(message)).events.slice(1).map(({ type, detail }) => [type, detail])).toEqual([
      ['released', { recipients: [ANN], apiKey: 'key' }],
      ['overridden', { recipients: [ANN], apiKey: 'key', reason: 'by telephone' }],
    ]);
    await database.record.close(closeInputOf(claimed, [recipientCloseOf(ANN, HELD_KEYLESS)]));
    await act(message.id, { act: 'release' });
    expect((await claimOne(database.record, message)).recipients.map(({ isUnprotected }) => isUnprotected)).toEqual([
      false,
      false,
    ]);
  });
});
