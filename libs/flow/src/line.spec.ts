import { randomBytes } from 'node:crypto';
import { AppError } from '#lib/core';
import { openMessage } from '#lib/crypto';
import { testKey } from '../../../test/support/smime-keys.js';
import { collect, concat } from './byte-streams.js';
import { FakeLine, ORGANIZATION, POSTMASTER } from './fakes/fake-line.js';
import type { Sent } from './fakes/in-memory-relay.js';
import { processMessage } from './line.js';
import { openSummary, openTrace } from './message-content.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const CARL = 'carl@customer.example';
const RAW = [
  'From: Sue <sue@example.com>',
  `To: ${ANN}, ${BOB}`,
  'Subject: Quarterly figures',
  'Message-ID: <figures@example.com>',
  'Content-Type: text/plain',
  '',
  'The secret figures.',
  '',
].join('\r\n');
const ENCRYPT = {
  conditions: { all: [{ fact: 'recipient.scope', operator: 'equal', value: 'external' }] },
  actions: [
    { type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' } as const,
  ],
};
const away = new AppError('ERR_TEST_AWAY', { kind: 'temporary', publicText: 'Away.' });
const broken = new AppError('ERR_TEST_BROKEN', { kind: 'invalid', publicText: 'Broken.' });

function lineOf(...names: ('ann' | 'bob' | 'carl')[]): FakeLine {
  const line = new FakeLine([ENCRYPT]);
  for (const name of names) line.keys.add(`${name}@customer.example`, testKey(name).certificate);
  return line;
}

function typesOf(line: FakeLine, id: string): string[] {
  return line.record.message(id).events.map(({ type }) => type);
}

function statesOf(line: FakeLine, id: string): string[] {
  return line.record.message(id).recipients.map(({ address, state, code }) => [address, state, code ?? ''].join(' '));
}

/** What left of this message, notices apart. */
function sentOf(line: FakeLine, id: string): Sent[] {
  return line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id);
}

async function openedBy(name: 'ann' | 'bob' | 'carl', { bytes }: Sent): Promise<string> {
  const entity = openMessage(concat(bytes), [testKey(name)], { random: randomBytes });
  return (await collect(entity)).toString();
}

const ENTITY = 'Content-Type: text/plain\r\n\r\nThe secret figures.\r\n';

describe('the line', () => {
  it('takes a message that no rule matches to the relay as it is, and closes the record', async () => {
    const line = new FakeLine();
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    expect(sentOf(line, id).map(({ bytes }) => bytes.toString().endsWith(RAW))).toEqual([true]);
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${BOB} delivered `]);
    expect(typesOf(line, id)).toEqual(['accepted', 'judged', 'emitted', 'delivered', 'closed']);
    expect(line.record.outbox.size).toBe(0);
    expect(line.troubles).toEqual([]);
  });

  it('seals what a rule wants encrypted, for each of the recipients, and says so', async () => {
    const line = lineOf('ann', 'bob');
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const [sent, ...others] = sentOf(line, id);
    expect(others).toEqual([]);
    expect(await openedBy('ann', sent!)).toBe(ENTITY);
    expect(await openedBy('bob', sent!)).toBe(ENTITY);
    expect(line.record.recipient(id, ANN)).toMatchObject({ protection: 'smime', rules: ['rule-0'], attempts: 1 });
    expect(typesOf(line, id)).toEqual(['accepted', 'judged', 'sealed', 'emitted', 'delivered', 'closed']);
  });

  it('keeps the verdict with its evidence, and the subject, sealed and nowhere else', async () => {
    const line = lineOf('ann', 'bob');
    const id = await line.send(RAW, { rcptTo: [ANN] });
    const { sealedTrace, sealedSummary, input, events, ruleSetUsed } = line.record.message(id);
    const key = await line.kms.openDataKey(input.organizationId, input.wrappedKey);
    const trace = openTrace(key, sealedTrace!);
    expect(trace.rules.map(({ id: rule, outcome }) => [rule, outcome])).toEqual([['rule-0', 'matched']]);
    expect(trace.rules[0]?.why[0]?.evidence).toEqual(['external']);
    expect(openSummary(key, sealedSummary!)).toEqual({
      subject: 'Quarterly figures',
      headerFrom: 'Sue <sue@example.com>',
      headerTo: `${ANN}, ${BOB}`,
      date: null,
      messageId: '<figures@example.com>',
      isProtectionAsked: true,
    });
    expect(ruleSetUsed).toBe(line.ruleSet);
    expect(JSON.stringify(events)).not.toMatch(/figures/i);
  });

  it('guarantees that whoever stands in no header has a copy sealed to them alone', async () => {
    const line = lineOf('ann', 'bob', 'carl');
    const id = await line.send(RAW, { rcptTo: [ANN, BOB, CARL] });
    const [shown, hidden] = sentOf(line, id);
    expect([shown?.recipients, hidden?.recipients]).toEqual([[ANN, BOB], [CARL]]);
    await expect(openedBy('carl', shown!)).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
    await expect(openedBy('ann', hidden!)).rejects.toMatchObject({ code: 'ERR_OPEN_FAILED' });
    expect(await openedBy('carl', hidden!)).toBe(ENTITY);
    expect(shown!.bytes.toString()).not.toContain('carl');
  });

  it('holds the copy of one who has no key while the others have theirs; it goes when the key is there', async () => {
    const line = lineOf('ann');
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${BOB} held ERR_KEY_MISSING`]);
    expect(line.record.message(id).events).toContainEqual(
      expect.objectContaining({ type: 'held', detail: { code: 'ERR_KEY_MISSING', recipient: BOB } }),
    );
    line.keys.add(BOB, testKey('bob').certificate);
    line.record.wake(id, [BOB]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${BOB} delivered `]);
    expect(sentOf(line, id).map(({ recipients }) => recipients)).toEqual([[ANN], [BOB]]);
    expect(await openedBy('bob', sentOf(line, id)[1]!)).toBe(ENTITY);
  });

  it('tells the postmaster of a held recipient once, however often it is tried', async () => {
    const line = lineOf('ann');
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    line.record.wake(id, [BOB]);
    await line.work();
    const notices = line.relay.sent.filter(({ recipients }) => recipients.includes(POSTMASTER));
    expect(notices).toHaveLength(1);
    expect(notices[0]?.bytes.toString()).not.toMatch(/secret|quarterly/i);
  });

  it('sends a protected copy in clear only where a person said so', async () => {
    const line = lineOf('ann');
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    line.record.wake(id, [BOB], { isUnprotected: true });
    await line.work();
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'delivered', protection: 'none' });
    expect(sentOf(line, id)[1]?.bytes.toString().endsWith(RAW)).toBe(true);
  });

  it('judges with the rule set in force when the message was accepted, or with the one that a person asked for', async () => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN, BOB] });
    const later = line.publish([]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${BOB} held ERR_KEY_MISSING`]);
    line.record.rejudge(id, [BOB]);
    await line.work();
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'delivered', protection: 'none' });
    expect(line.record.message(id).ruleSetUsed).toBe(later);
  });

  it('guarantees that protection that a person asked for is not lost when the key comes', async () => {
    const line = new FakeLine([{ actions: [{ type: 'quarantine' }] }]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.publish([ENCRYPT, { id: 'copy', actions: [{ type: 'bcc', addresses: [CARL] }] }]);
    line.record.rejudge(id, [ANN]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} held ERR_KEY_MISSING`, `${CARL} held ERR_KEY_MISSING`]);
    line.publish([]);
    for (const name of ['ann', 'carl'] as const) line.keys.add(`${name}@customer.example`, testKey(name).certificate);
    line.record.wake(id, [ANN, CARL]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${CARL} delivered `]);
    expect(sentOf(line, id).map(({ outgoing }) => outgoing.protection)).toEqual(['smime', 'smime']);
  });

  it('goes on with the rules after the one that parked a message', async () => {
    const park = { id: 'park', actions: [{ type: 'quarantine' } as const] };
    const line = new FakeLine([park, { ...ENCRYPT, id: 'encrypt' }]);
    line.keys.add(ANN, testKey('ann').certificate);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'quarantined', parkedByRule: 'park' });
    expect(sentOf(line, id)).toEqual([]);
    line.record.wake(id, [ANN], { resumeAfterRule: 'park' });
    await line.work();
    expect(await openedBy('ann', sentOf(line, id)[0]!)).toBe(ENTITY);
  });

  it('guarantees that a released copy of a recipient whom a rule added is not parked again', async () => {
    const copy = { id: 'copy', actions: [{ type: 'bcc', addresses: ['archive@example.com'] } as const] };
    const line = new FakeLine([copy, { id: 'park', actions: [{ type: 'quarantine' } as const] }]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    expect(statesOf(line, id)).toEqual([`${ANN} quarantined `, 'archive@example.com quarantined ']);
    line.record.wake(id, [ANN, 'archive@example.com'], { resumeAfterRule: 'park' });
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, 'archive@example.com delivered ']);
    expect(sentOf(line, id).map(({ recipients }) => recipients)).toEqual([[ANN], ['archive@example.com']]);
  });

  it('seals a message that is larger than what is kept in memory', async () => {
    const line = lineOf('ann');
    const raw = `To: ${ANN}\r\nContent-Type: text/plain\r\n\r\n${'The secret figures.\r\n'.repeat(100_000)}`;
    const id = await line.send(raw, { rcptTo: [ANN] });
    expect(await openedBy('ann', sentOf(line, id)[0]!)).toBe(raw.slice(raw.indexOf('Content-Type')));
    expect(line.blobs.openReads).toBe(0);
  });
});

describe('what cannot be judged', () => {
  it.each([
    ['too many parts within parts', `${'Content-Type: message/rfc822\r\n\r\n'.repeat(200)}x`, 'ERR_MAIL_TOO_DEEP'],
    ['too many hops', `${'Received: from a by b\r\n'.repeat(51)}${RAW}`, 'ERR_LOOP_HOPS'],
    ['too many header fields', `${'X: y\r\n'.repeat(3_000)}\r\n`, 'ERR_MAIL_TOO_MANY_FIELDS'],
  ])('is held whole and named: %s', async (_name, raw, code) => {
    const line = lineOf('ann', 'bob');
    const id = await line.send(raw, { rcptTo: [ANN, BOB] });
    expect(statesOf(line, id)).toEqual([`${ANN} held ${code}`, `${BOB} held ${code}`]);
    expect(sentOf(line, id)).toEqual([]);
    expect(line.record.message(id).events).toContainEqual(expect.objectContaining({ type: 'held', detail: { code } }));
    expect(line.relay.sent.filter(({ recipients }) => recipients.includes(POSTMASTER))).toHaveLength(1);
  });

  it('takes fifty hops', async () => {
    const line = new FakeLine();
    const id = await line.send(`${'Received: from a by b\r\n'.repeat(50)}${RAW}`, { rcptTo: [ANN] });
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `]);
  });

  it.each([
    ['random bytes', Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 251))],
    ['nothing', ''],
    ['NUL bytes', '\0'.repeat(100)],
  ])('is delivered sealed or held, never in clear: %s', async (_name, raw) => {
    const line = lineOf('ann');
    const id = await line.send(raw, { rcptTo: [ANN] });
    expect(['delivered', 'held']).toContain(line.record.recipient(id, ANN).state);
    for (const { outgoing } of sentOf(line, id)) expect(outgoing.protection).toBe('smime');
  });
});

describe('misfortune', () => {
  it.each([
    ['the keys are away', (line: FakeLine) => line.kms.failures.push(away)],
    ['the blob cannot be read now', (line: FakeLine) => line.blobs.readFailures.push(new Error('EIO'))],
    ['the judge is away', (line: FakeLine) => line.judge.failures.push(away)],
    ['the copy cannot be written now', (line: FakeLine) => line.blobs.writeFailures.push(away)],
  ])('gives the claim back while %s, and delivers later', async (_name, fail) => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    fail(line);
    expect(await line.work()).toEqual([expect.objectContaining({ kind: 'released' })]);
    expect(statesOf(line, id)).toEqual([`${ANN} pending `]);
    expect(line.relay.sent).toEqual([]);
    await line.later(2_000);
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `]);
    expect(await openedBy('ann', sentOf(line, id)[0]!)).toBe(ENTITY);
  });

  it('holds the message when its blob is damaged for good', async () => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.blobs.readFailures.push(broken);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} held ERR_TEST_BROKEN`]);
  });

  it('guarantees that a copy that cannot be sealed is held after ten tries, never sent in clear; the others leave', async () => {
    const line = lineOf('ann');
    const clear = 'dora@example.com';
    const id = await line.submit(RAW, { rcptTo: [ANN, clear] });
    line.blobs.writeFailures.push(...Array.from({ length: 30 }, () => away));
    for (let tries = 1; tries < 10; tries += 1) {
      await line.later(tries === 1 ? 0 : 400_000);
      expect(line.relay.sent).toEqual([]);
    }
    await line.later(400_000);
    expect(statesOf(line, id)).toEqual([`${ANN} held ERR_SEAL_FAILED`, `${clear} delivered `]);
    expect(sentOf(line, id).map(({ recipients }) => recipients)).toEqual([[clear]]);
  });

  it('holds at once what can never be sealed', async () => {
    const line = lineOf('ann');
    line.keys.add(BOB, Buffer.from('no certificate'));
    const id = await line.send(RAW, { rcptTo: [BOB] });
    expect(statesOf(line, id)[0]).toMatch(/held ERR_CERTIFICATE_/);
    expect(sentOf(line, id)).toEqual([]);
  });

  it('holds a message that was tried more than twenty times', async () => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.judge.failures.push(...Array.from({ length: 20 }, () => new Error('the worker died')));
    for (let tries = 0; tries < 20; tries += 1) await line.later(400_000);
    expect(statesOf(line, id)).toEqual([`${ANN} pending `]);
    await line.later(400_000);
    expect(statesOf(line, id)).toEqual([`${ANN} held ERR_MESSAGE_RETRIES`]);
  });

  it('writes the closing record again rather than the message', async () => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.record.failures.set('close', [away, away, away]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `]);
    expect(sentOf(line, id)).toHaveLength(1);
  });

  it('guarantees that a run that is done again after a crash has the same delivery', async () => {
    const line = lineOf('ann', 'bob', 'carl');
    const id = await line.submit(RAW, { rcptTo: [ANN, BOB, CARL] });
    line.record.failures.set('close', [away, away, away, away]);
    line.record.failures.set('release', [away]);
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} pending `, `${BOB} pending `, `${CARL} pending `]);
    await line.later(5_000);
    const ids = sentOf(line, id).map(({ outgoing }) => outgoing.deliveryId);
    expect(ids).toHaveLength(4);
    expect(ids.slice(0, 2)).toEqual(ids.slice(2));
    expect([...line.record.message(id).deliveries.keys()].sort()).toEqual(ids.slice(2).sort());
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `, `${BOB} delivered `, `${CARL} delivered `]);
  });

  it('loses nothing when the queue loses everything', async () => {
    const line = lineOf('ann');
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    await line.enqueue.idle();
    line.queue.jobs.length = 0;
    await line.work();
    expect(statesOf(line, id)).toEqual([`${ANN} delivered `]);
  });
});

describe('measuring', () => {
  it('tells time and outcome of each step', async () => {
    const line = lineOf('ann');
    const steps: string[] = [];
    const ports = { ...line.ports, observe: (step: string, outcome: string) => steps.push(`${step} ${outcome}`) };
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    const [accepted] = await line.record.claim('process', ORGANIZATION, [id]);
    line.judge.failures.push(away);
    expect(await processMessage(ports, accepted!)).toMatchObject({ kind: 'released', code: 'ERR_TEST_AWAY' });
    expect(await processMessage(ports, accepted!)).toEqual({ kind: 'closed', outcomes: { delivered: 1 } });
    expect(steps).toEqual(['judge ERR_TEST_AWAY', 'judge ok', 'act ok', 'emit ok', 'trace ok']);
  });
});
