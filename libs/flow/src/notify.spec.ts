import { AppError } from '#lib/core';
import { testKey } from '../../../test/support/smime-keys.js';
import { FakeLine, POSTMASTER, type SubmitOptions } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const SUE = 'sue@example.com';
const RAW = [
  'Message-ID: <figures@example.com>',
  'Date: Tue, 24 Nov 2026 11:00:00 +0000',
  `From: Sue <${SUE}>`,
  `To: ${ANN}, ${BOB}`,
  'Subject: Quarterly figures',
  'X-Secret: header',
  '',
  'The secret figures.',
  '',
].join('\r\n');
const ENCRYPT = {
  type: 'encrypt',
  method: 'auto',
  template: 'encrypt-only',
  onMissingKey: 'hold',
  subject: 'keep',
} as const;
const REJECT = { type: 'reject', text: 'Not to this domain.', enhancedStatusCode: '5.7.1' } as const;
const TRIAL = { conditions: { all: [] }, actions: [REJECT] };
const NO = { outcome: 'permanent', reply: '550 5.1.1 no such user' } as const;

function toldTo(line: FakeLine, address: string): string[] {
  return line.relay.sent
    .filter(({ outgoing, recipients }) => outgoing.mailFrom === '' && recipients.includes(address))
    .map(({ bytes }) => bytes.toString());
}

async function refused(line: FakeLine, options: Partial<SubmitOptions> = {}): Promise<string> {
  line.relay.answer = (address) => (address === ANN ? NO : undefined);
  return await line.send(RAW, { rcptTo: [ANN], ...options });
}

describe('a DSN', () => {
  it('tells the sender of what the relay refused: status, reply, and of the message only what may be returned', async () => {
    const line = new FakeLine();
    const id = await refused(line);
    const [dsn, ...others] = toldTo(line, SUE);
    expect(others).toEqual([]);
    expect(dsn).toContain('report-type=delivery-status');
    expect(dsn).toMatch(/^Final-Recipient: rfc822; ann@customer\.example\r$/m);
    expect(dsn).toMatch(/^Action: failed\r$/m);
    expect(dsn).toMatch(/^Status: 5\.1\.1\r$/m);
    expect(dsn).toMatch(/^Diagnostic-Code: smtp; 550 5\.1\.1 no such user\r$/m);
    for (const field of ['Message-ID: <figures@example.com>', 'Subject: Quarterly figures'])
      expect(dsn).toContain(field);
    expect(dsn).not.toMatch(/secret/i);
    expect(line.record.message(id).events).toContainEqual(
      expect.objectContaining({ type: 'notified', detail: { about: 'failure', recipients: [ANN] } }),
    );
    expect(line.record.outbox.size).toBe(0);
  });

  it('guarantees that the subject is not returned if a rule asked for protection', async () => {
    const line = new FakeLine([{ actions: [ENCRYPT] }]);
    line.keys.add(ANN, testKey('ann').certificate);
    await refused(line);
    expect(toldTo(line, SUE)).toHaveLength(1);
    expect(toldTo(line, SUE)[0]).not.toMatch(/quarterly|secret/i);
  });

  it('guarantees the same for a rejection by a rule when another rule asked for protection', async () => {
    const line = new FakeLine([
      { id: 'encrypt', actions: [ENCRYPT] },
      { id: 'reject', actions: [REJECT] },
    ]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    expect(line.record.recipient(id, ANN).state).toBe('rejected');
    const [dsn] = toldTo(line, SUE);
    expect(dsn).toMatch(/^Status: 5\.7\.1\r$/m);
    expect(dsn).toContain('Not to this domain.');
    expect(dsn).not.toMatch(/quarterly|secret/i);
  });

  it('carries ENVID and ORCPT', async () => {
    const line = new FakeLine();
    await refused(line, {
      envid: 'QQ314159',
      rcptTo: [{ address: ANN, notify: ['FAILURE'], orcpt: 'rfc822;Ann+2Bx@customer.example' }],
    });
    const [dsn] = toldTo(line, SUE);
    expect(dsn).toMatch(/^Original-Envelope-Id: QQ314159\r$/m);
    expect(dsn).toMatch(/^Original-Recipient: rfc822; Ann\+x@customer\.example\r$/m);
  });

  it('says relayed to a sender who asked for success', async () => {
    const line = new FakeLine();
    await line.send(RAW, { rcptTo: [{ address: BOB, notify: ['SUCCESS'], orcpt: null }, ANN] });
    const [dsn, ...others] = toldTo(line, SUE);
    expect(others).toEqual([]);
    expect(dsn).toMatch(/^Action: relayed\r$/m);
    expect(dsn).not.toContain(`Final-Recipient: rfc822; ${ANN}`);
  });

  it('passes NOTIFY, ORCPT, RET and ENVID on to the relay', async () => {
    const line = new FakeLine();
    const rcptTo = [
      { address: ANN, notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;x@y' } as const,
      { address: BOB, notify: 'NEVER', orcpt: null } as const,
    ];
    await line.send(RAW, { rcptTo, envid: 'E', dsnReturn: 'HDRS' });
    const { notify, envelope } = line.relay.sent[0]!.options;
    expect([...notify]).toEqual([
      [ANN, 'FAILURE,DELAY'],
      [BOB, 'NEVER'],
    ]);
    expect(envelope).toEqual({ mailFrom: SUE, envid: 'E', dsnReturn: 'HDRS', orcpt: new Map([[ANN, 'rfc822;x@y']]) });
  });

  it.each([
    ['asked for none', { rcptTo: [{ address: ANN, notify: 'NEVER', orcpt: null }] }],
    ['asked for success only', { rcptTo: [{ address: ANN, notify: ['SUCCESS'], orcpt: null }] }],
  ] as const)('guarantees that a sender who %s gets none, nor anybody else', async (_name, options) => {
    const line = new FakeLine();
    await refused(line, options);
    expect(line.relay.sent).toHaveLength(1);
  });

  it.each([
    ['the null sender', { mailFrom: '' }],
    ['an outsider', { mailFrom: 'out@sider.example', connection: { isAuthenticated: false } }],
  ])('guarantees that %s gets none; what is undeliverable is told to the postmaster', async (_name, options) => {
    const line = new FakeLine();
    await refused(line, options);
    expect(toldTo(line, 'out@sider.example')).toEqual([]);
    expect(toldTo(line, POSTMASTER)).toHaveLength(1);
    expect(toldTo(line, POSTMASTER)[0]).toMatch(/^Status: 5\.1\.1\r$/m);
  });

  it('guarantees that a rejection of an outsider is recorded only', async () => {
    const line = new FakeLine([{ actions: [REJECT] }]);
    const connection = { isAuthenticated: false };
    const id = await line.send(RAW, { rcptTo: [ANN], mailFrom: 'out@sider.example', connection });
    expect(line.record.recipient(id, ANN).state).toBe('rejected');
    expect(line.record.message(id).events.map(({ type }) => type)).toEqual([
      'accepted',
      'judged',
      'rejected',
      'closed',
    ]);
    expect(line.relay.sent).toEqual([]);
  });

  it('guarantees that the sender never reads of a recipient whom a rule added', async () => {
    const line = new FakeLine([{ actions: [{ type: 'bcc', addresses: ['archive@example.com'] }] }]);
    line.relay.answer = (address) => (address === 'archive@example.com' ? NO : undefined);
    await line.send(RAW, { rcptTo: [ANN] });
    expect(toldTo(line, SUE)).toEqual([]);
    expect(toldTo(line, POSTMASTER)).toHaveLength(1);
    expect(line.relay.sent.map(({ options }) => options.notify.get('archive@example.com'))).toContain('NEVER');
  });

  it('guarantees that a DSN that bounces is the end of it', async () => {
    const line = new FakeLine();
    line.relay.answer = () => NO;
    await line.send(RAW, { rcptTo: [ANN] });
    expect(line.relay.sent).toHaveLength(2);
    expect(line.record.outbox.size).toBe(0);
  });

  it('passes without rules', async () => {
    const line = new FakeLine([{ conditions: { all: [] }, actions: [ENCRYPT] }]);
    line.keys.add(ANN, testKey('ann').certificate);
    await refused(line);
    const dsn = line.relay.sent.at(-1)!;
    expect(dsn.outgoing).toMatchObject({ protection: 'none', mailFrom: '' });
    expect(dsn.bytes.toString()).toMatch(/^X-Sealflow-Loop: /m);
  });
});

describe('telling', () => {
  it('is done once under one id and one Message-ID, whenever it is done again', async () => {
    const line = new FakeLine();
    line.record.failures.set('accept', []);
    const id = await line.submit(RAW, { rcptTo: [ANN] });
    line.relay.answer = () => NO;
    line.record.failures.get('accept')?.push(new Error('database away'));
    await line.work();
    expect(toldTo(line, SUE)).toEqual([]);
    await line.later(2_000);
    expect(toldTo(line, SUE)).toHaveLength(1);
    const notices = [...line.record.messages.values()].filter(({ input }) => input.kind === 'notice');
    expect(notices).toHaveLength(1);
    expect(toldTo(line, SUE)[0]).toContain(`Message-ID: <${notices[0]!.input.id}@mx.example.com>`);
    expect(line.record.recipient(id, ANN).state).toBe('bounced');
  });

  it('goes without the header of a message whose key is gone, and waits while keys are away', async () => {
    const line = new FakeLine();
    line.relay.answer = () => NO;
    await line.submit(RAW, { rcptTo: [ANN] });
    const openDataKey = line.kms.openDataKey.bind(line.kms);
    let openings = 0;
    line.kms.openDataKey = async (organizationId, wrapped) => {
      openings += 1;
      if (openings === 2) throw new Error('away');
      if (openings === 3) throw new AppError('ERR_TEST_GONE', { kind: 'permanent', publicText: 'Gone.' });
      return await openDataKey(organizationId, wrapped);
    };
    await line.work();
    expect(toldTo(line, SUE)).toEqual([]);
    await line.later(2_000);
    expect(toldTo(line, SUE)[0]).not.toContain('figures');
  });

  it('names the recipient, the code and what to do in a notice of a hold, and nothing of the content', async () => {
    const line = new FakeLine([{ actions: [ENCRYPT] }]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    const [notice, ...others] = toldTo(line, POSTMASTER);
    expect(others).toEqual([]);
    for (const part of [id, ANN, 'ERR_KEY_MISSING', 'Import a certificate']) expect(notice).toContain(part);
    expect(notice).not.toMatch(/quarterly|secret/i);
  });

  it('has one notice for many recipients without a key', async () => {
    const line = new FakeLine([{ actions: [ENCRYPT] }]);
    await line.send(RAW, { rcptTo: Array.from({ length: 60 }, (_, index) => `r${index}@customer.example`) });
    expect(toldTo(line, POSTMASTER)).toHaveLength(1);
  });
});

describe('a rule on trial', () => {
  const trial = { ...TRIAL, id: 'trial', name: 'No figures to outsiders' };

  it('tells the postmaster once for each message that it would have acted on, and changes nothing', async () => {
    const line = new FakeLine([{ ...trial, mode: 'auditAndNotify' }]);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const [notice, ...others] = toldTo(line, POSTMASTER);
    expect(others).toEqual([]);
    expect(notice).toContain('The rule "No figures to outsiders" is on trial');
    for (const part of [id, `<${ANN}>`, `<${BOB}>`]) expect(notice).toContain(part);
    expect(notice).not.toMatch(/secret|Quarterly/i);
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
    expect(line.record.message(id).events).toContainEqual(
      expect.objectContaining({ type: 'notified', detail: { about: 'audited', recipients: [ANN, BOB] } }),
    );
  });

  it('is only recorded in the mode audit', async () => {
    const line = new FakeLine([{ ...trial, mode: 'audit' }]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    expect(toldTo(line, POSTMASTER)).toEqual([]);
    expect(line.record.message(id).events).toContainEqual(expect.objectContaining({ type: 'audited' }));
  });
});
