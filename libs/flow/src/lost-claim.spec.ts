import { AppError } from '#lib/core';
import { testKey } from '../../../test/support/smime-keys.js';
import { FakeLine, ORGANIZATION } from './fakes/fake-line.js';
import { processMessage } from './line.js';
import { retryMessage } from './retry.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const RAW = 'Subject: Hello\r\nFrom: sue@example.com\r\nTo: ann@customer.example\r\n\r\nHello\r\n';
const ENCRYPT = {
  id: 'encrypt',
  actions: [
    { type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' } as const,
  ],
};
const databaseError = (code: string): Error => new AppError(code, { kind: 'temporary', publicText: 'Not now.' });

function lineOf(): FakeLine {
  const line = new FakeLine([ENCRYPT]);
  line.keys.add(ANN, testKey('ann').certificate);
  line.keys.add(BOB, testKey('bob').certificate);
  return line;
}

const claimOne = async (line: FakeLine, id: string, queue: 'process' | 'emit' = 'process') => {
  const [claimed] = await line.record.claim(queue, ORGANIZATION, [id]);
  if (claimed === undefined) throw new Error('it could not be claimed');
  return claimed;
};

describe('a run whose claim may have ended', () => {
  it('guarantees that it begins no delivery: the copy waits, and goes once', async () => {
    const line = lineOf();
    const id = await line.submit(RAW, { rcptTo: [ANN, BOB] });
    await processMessage({ ...line.ports, mayEmit: () => false }, await claimOne(line, id));
    expect(line.relay.sent).toEqual([]);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'deferred', attempts: 0, protection: 'smime' });
    await line.later(15_000);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(line.relay.sent.flatMap(({ recipients }) => recipients).sort()).toEqual([ANN, BOB]);
  });

  it('guarantees that another run that has it now does the rest', async () => {
    const line = lineOf();
    const id = await line.submit(RAW, { rcptTo: [ANN, BOB] });
    const lost = await claimOne(line, id);
    line.clock.set(new Date(line.clock.now().getTime() + 6_000));
    const current = await claimOne(line, id);
    // One copy is under way when the claim ends.
    let begun = 0;
    await processMessage({ ...line.ports, mayEmit: () => (begun += 1) === 1 }, lost);
    expect(line.relay.sent).toHaveLength(1);
    expect([ANN, BOB].map((address) => line.record.recipient(id, address).state).sort()).toEqual([
      'delivered',
      'pending',
    ]);
    await line.record.release(current, line.clock.now());
    await line.work();
    expect(line.relay.sent.flatMap(({ recipients }) => recipients).sort()).toEqual([ANN, BOB]);
    expect(line.record.outbox.size).toBe(0);
  });

  it('guarantees that no attempt is made again by it either', async () => {
    const line = lineOf();
    line.relay.answer = () => ({ outcome: 'temporary', reply: '451 4.3.0 later' });
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.clock.set(new Date(line.clock.now().getTime() + 60_000));
    const claimed = await claimOne(line, id, 'emit');
    await retryMessage({ ...line.ports, mayEmit: (claim) => claim.claim !== claimed.claim }, claimed);
    expect(line.relay.sent).toHaveLength(1);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'deferred', attempts: 1 });
  });
});

describe('a closing record that cannot be written', () => {
  it.each(['ERR_DATABASE_AWAY', 'ERR_DATABASE_FULL', 'ERR_DATABASE_UNMIGRATED'])(
    'guarantees that nothing is sent again after %s, however long it lasts',
    async (code) => {
      const line = lineOf();
      const id = await line.submit(RAW, { rcptTo: [ANN] });
      const pauses: number[] = [];
      line.record.failures.set('close', Array<Error>(50).fill(databaseError(code)));
      const pause = (milliseconds: number): Promise<void> => {
        pauses.push(milliseconds);
        return Promise.resolve();
      };
      await processMessage({ ...line.ports, pause }, await claimOne(line, id));
      expect(line.record.recipient(id, ANN).state).toBe('delivered');
      expect(line.relay.sent).toHaveLength(1);
      expect(pauses.slice(0, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
      expect(pauses).toHaveLength(50);
    },
  );

  it('waits for a busy database for half a minute and more, also beside it being away, and then gives the claim back', async () => {
    const busy = databaseError('ERR_DATABASE_BUSY');
    for (const [failures, kind] of [
      [[...Array<Error>(29).fill(busy), ...Array<Error>(50).fill(databaseError('ERR_DATABASE_AWAY'))], 'closed'],
      [Array<Error>(30).fill(busy), 'released'],
    ] as const) {
      const line = lineOf();
      const id = await line.submit(RAW, { rcptTo: [ANN] });
      let waitedMs = 0;
      line.record.failures.set('close', [...failures]);
      const pause = (milliseconds: number): Promise<void> => {
        waitedMs += milliseconds;
        return Promise.resolve();
      };
      expect(await processMessage({ ...line.ports, pause }, await claimOne(line, id))).toMatchObject({ kind });
      expect(waitedMs).toBeGreaterThan(25_000);
      expect(line.relay.sent).toHaveLength(1);
    }
  });

  it.each(['ERR_DATABASE_VALUE', 'ERR_DATABASE_FAILED'])('gives up where %s will not pass', async (code) => {
    const line = lineOf();
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.record.failures.set('close', Array<Error>(4).fill(databaseError(code)));
    expect(await processMessage(line.ports, await claimOne(line, id))).toMatchObject({ kind: 'released', code });
  });

  it('is written late if somebody else has the message by then', async () => {
    const line = lineOf();
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.record.failures.set('close', [databaseError('ERR_DATABASE_AWAY')]);
    const pause = async (): Promise<void> => {
      line.clock.set(new Date(line.clock.now().getTime() + 6_000));
      await claimOne(line, id);
    };
    await processMessage({ ...line.ports, pause }, await claimOne(line, id));
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', attempts: 1 });
    await line.later(6_000);
    expect(line.relay.sent).toHaveLength(1);
    expect(line.record.outbox.size).toBe(0);
  });
});
