import { AppError } from '#lib/core';
import { testKey } from '../../../test/support/smime-keys.js';
import { FakeLine } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const RAW = `From: sue@example.com\r\nTo: ${ANN}, ${BOB}\r\nSubject: Figures\r\n\r\nThe secret figures.\r\n`;
const ENCRYPT = {
  actions: [
    { type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' } as const,
  ],
};
const HOUR_MS = 3_600_000;
const LATER = { outcome: 'temporary', reply: '451 4.7.1 later' } as const;
const NO = { outcome: 'permanent', reply: '550 5.1.1 no such user' } as const;

function lineOf(protection: 'none' | 'smime'): FakeLine {
  const line = new FakeLine(protection === 'smime' ? [ENCRYPT] : []);
  for (const name of ['ann', 'bob'] as const) line.keys.add(`${name}@customer.example`, testKey(name).certificate);
  return line;
}

describe('what is tried again', () => {
  it.each(['none', 'smime'] as const)(
    'goes only to those who are left, with the bytes of the first time (%s)',
    async (protection) => {
      const line = lineOf(protection);
      line.relay.answer = (address, attempt) => (address === BOB && attempt < 3 ? LATER : undefined);
      const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
      expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', attempts: 1 });
      expect(line.record.recipient(id, BOB)).toMatchObject({
        state: 'deferred',
        attempts: 1,
        lastReply: '451 4.7.1 later',
      });
      await line.later(60_000);
      await line.later(120_000);
      expect(line.relay.sent.map(({ recipients }) => recipients)).toEqual([[ANN, BOB], [BOB], [BOB]]);
      expect(line.relay.sent.every(({ bytes }) => bytes.equals(line.relay.sent[0]!.bytes))).toBe(true);
      expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'delivered', attempts: 3, protection });
      expect(line.record.outbox.size).toBe(0);
      expect(line.record.message(id).events.at(-1)?.type).toBe('closed');
    },
  );

  it('keeps what is known of the recipient from the run that judged', async () => {
    const line = lineOf('smime');
    line.relay.answer = (_address, attempt) => (attempt < 2 ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    await line.later(60_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ rules: ['rule-0'], protection: 'smime' });
  });

  it('is not judged again, whatever the rules say by then', async () => {
    const line = lineOf('none');
    line.relay.answer = (_address, attempt) => (attempt < 2 ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.publish([{ actions: [{ type: 'delete' }] }]);
    await line.later(60_000);
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
  });

  it('ends after five days with a DSN, and one notice of delay on the way', async () => {
    const line = lineOf('none');
    line.relay.answer = (address) => (address === ANN ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    for (let hours = 0; hours < 125; hours += 2) await line.later(2 * HOUR_MS);
    expect(line.record.recipient(id, ANN).state).toBe('bounced');
    const told = line.relay.sent.filter(({ recipients }) => recipients[0] === 'sue@example.com');
    expect(told.map(({ bytes }) => /^Action: (\w+)/m.exec(bytes.toString())?.[1])).toEqual(['delayed', 'failed']);
    expect(told[1]?.bytes.toString()).toContain('5.4.7');
    expect(line.record.outbox.size).toBe(0);
  });

  it('waits for a relay to be configured without counting attempts, and goes within 15 seconds', async () => {
    const line = lineOf('none');
    line.relay.isConfigured = false;
    const id = await line.send(RAW, { rcptTo: [ANN] });
    for (let count = 0; count < 10; count += 1) await line.later(15_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'deferred', attempts: 0 });
    expect(line.record.message(id).events.filter(({ type }) => type === 'deferred')).toHaveLength(1);
    line.relay.isConfigured = true;
    await line.later(15_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it.each([
    ['throws', (line: FakeLine) => line.relay.failures.push(new Error('socket hang up'))],
    [
      'says nothing about a recipient',
      (line: FakeLine) => {
        const send = line.relay.send.bind(line.relay);
        line.relay.send = async (outgoing, options) => {
          await send(outgoing, options);
          line.relay.send = send;
          return [];
        };
      },
    ],
  ])('includes what a relay that %s was given: never "delivered" by guess', async (_name, fail) => {
    const line = lineOf('none');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    fail(line);
    await line.work();
    expect(line.record.recipient(id, ANN).state).toBe('deferred');
    await line.later(60_000);
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
  });

  it('waits when the keys are away', async () => {
    const line = lineOf('smime');
    line.relay.answer = (_address, attempt) => (attempt < 2 ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.kms.failures.push(new Error('away'));
    expect(await line.later(60_000)).toEqual([expect.objectContaining({ kind: 'released' })]);
    await line.later(60_000);
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
  });

  it('is held when the key of the message is gone for good', async () => {
    const line = lineOf('smime');
    line.relay.answer = (address) => (address === ANN ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.kms.failures.push(new AppError('ERR_TEST_GONE', { kind: 'permanent', publicText: 'Gone.' }));
    await line.later(60_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_TEST_GONE' });
    expect(line.record.outbox.size).toBe(0);
  });

  it('is held if the bytes of a clear copy could not be kept for it', async () => {
    const line = lineOf('none');
    line.relay.answer = (address) => (address === BOB ? LATER : undefined);
    const id = await line.submit(RAW, { rcptTo: [ANN, BOB] });
    line.blobs.writeFailures.push(new AppError('ERR_BLOB_DISK_FULL', { kind: 'temporary', publicText: 'Full.' }));
    await line.work();
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'held', code: 'ERR_BLOB_DISK_FULL' });
  });

  it('stays due while another recipient of the message is released and delivered', async () => {
    const line = new FakeLine([{ ...ENCRYPT }]);
    line.keys.add(ANN, testKey('ann').certificate);
    line.relay.answer = (address, attempt) => (address === ANN && attempt < 2 ? LATER : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    line.keys.add(BOB, testKey('bob').certificate);
    line.record.wake(id, [BOB]);
    await line.work();
    expect(line.record.recipient(id, BOB).state).toBe('delivered');
    await line.later(120_000);
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
  });

  it('does not go round when the relay refuses it for good', async () => {
    const line = lineOf('none');
    line.relay.answer = (address, attempt) => (address === ANN ? (attempt < 2 ? LATER : NO) : undefined);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    await line.later(60_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'bounced', lastReply: '550 5.1.1 no such user' });
    await line.later(100 * HOUR_MS);
    expect(line.relay.sent.filter(({ recipients }) => recipients.includes(ANN))).toHaveLength(2);
  });
});
