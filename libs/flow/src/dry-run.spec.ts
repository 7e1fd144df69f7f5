import { jest } from '@jest/globals';
import { testKey } from '../../../test/support/smime-keys.js';
import { evaluateDryRun, type DryRunInput } from './dry-run.js';
import type { DryRun } from './dry-run-view.js';
import { FakeLine, ORGANIZATION } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const RAW = `From: sue@example.com\nTo: ${ANN}\nCc: ${BOB}\nSubject: Figures\n\nfinancial records\n`;
const encrypt = (onMissingKey: 'hold' | 'reject' = 'hold') =>
  ({ type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey, subject: 'keep' }) as const;
const RULE = {
  id: 'financial',
  name: 'Financial records',
  conditions: {
    all: [
      { fact: 'subjectOrBody', operator: 'containsWords', value: ['financial records'] },
      { fact: 'recipient.scope', operator: 'equal', value: 'external' },
    ],
  },
  actions: [{ type: 'prependSubject', text: '[x] ' } as const, encrypt()],
};

async function dryRun(
  line: FakeLine,
  more: Partial<Omit<DryRunInput, 'raw'>> & { readonly raw?: string } = {},
): Promise<DryRun> {
  const content = await line.ruleSets.load(ORGANIZATION, line.ruleSet);
  const raw = Buffer.from(more.raw ?? RAW);
  const ruleSet = { hash: line.ruleSet, content };
  return await evaluateDryRun(line.ports, { organizationId: ORGANIZATION, ruleSet, ...more, raw });
}

describe('a dry run', () => {
  it('says which copies would be held since text in the header would leave in clear', async () => {
    const line = new FakeLine([RULE]);
    line.keys.add(ANN, testKey('ann').certificate);
    const raw = RAW.replace('\n\n', '\n');
    expect((await dryRun(line, { raw })).recipients[0]).toEqual({
      ...{ address: ANN, rules: ['financial'], protection: 'smime', wouldHold: 'ERR_MAIL_STRAY_LINES' },
    });
    expect((await dryRun(line, { raw: raw.replace('records', 'x') })).recipients[0]?.wouldHold).toBeNull();
    const id = await line.send(raw, { rcptTo: [ANN] });
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_STRAY_LINES' });
    expect(line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id)).toEqual([]);
  });

  it.each([
    ['ERR_CHARSET_UNKNOWN', 'Content-Type: text/plain; charset=IBM037\nContent-Transfer-Encoding: base64\n\nhomVgZU='],
    ['ERR_MAIL_AMBIGUOUS', 'Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nZmlu'],
    ['ERR_MAIL_PARTIAL', 'Content-Type: message/partial; id=a; number=1\n\nfin'],
    ['ERR_MAIL_SIGNED_UNREADABLE', 'Content-Type: application/pkcs7-mime\n\nMIAG'],
  ])('guarantees that what recipients may read and rules cannot is held by rules that ask: %s', async (code, part) => {
    const line = new FakeLine([RULE]);
    line.keys.add(ANN, testKey('ann').certificate);
    const raw = `From: sue@example.com\nTo: ${ANN}\nSubject: Hello\n${part}\n`;
    expect((await dryRun(line, { raw })).recipients).toMatchObject([{ address: ANN, wouldHold: code }]);
    const id = await line.send(raw.replaceAll('\n', '\r\n'), { rcptTo: [ANN] });
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code });
    expect(line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id)).toEqual([]);
    const other = new FakeLine([{ ...RULE, conditions: { all: [RULE.conditions.all[1]!] } }]);
    other.keys.add(ANN, testKey('ann').certificate);
    expect((await dryRun(other, { raw })).recipients).toMatchObject([{ protection: 'smime', wouldHold: null }]);
  });

  it('answers for each recipient and rule, and keeps and sends nothing', async () => {
    const line = new FakeLine([RULE]);
    line.keys.add(ANN, testKey('ann').certificate);
    const { ruleSet, recipients, rules, groups } = await dryRun(line);
    expect(ruleSet).toBe(line.ruleSet);
    expect(recipients).toEqual([
      { address: ANN, rules: ['financial'], protection: 'smime', wouldHold: null },
      { address: BOB, rules: ['financial'], protection: 'smime', wouldHold: 'ERR_KEY_MISSING' },
    ]);
    expect(rules[0]).toMatchObject({
      id: 'financial',
      index: 0,
      name: 'Financial records',
      outcome: 'matched',
      recipients: [
        { address: ANN, outcome: 'matched' },
        { address: BOB, outcome: 'matched' },
      ],
    });
    expect(rules[0]?.why[0]).toMatchObject({
      path: '/conditions/all/0',
      fact: 'subjectOrBody',
      operator: 'containsWords',
      matched: true,
      evidence: ['financial records'],
    });
    expect(groups).toEqual([
      {
        recipients: [ANN],
        protection: 'smime',
        actions: [
          { type: 'prependSubject', text: '[x] ' },
          { type: 'encrypt', method: 'smime' },
        ],
        subject: '[x] Figures',
      },
    ]);
    expect(line.record.messages.size).toBe(0);
    expect(line.blobs.blobs.size).toBe(0);
    expect(line.relay.sent).toEqual([]);
  });

  it('takes envelope and trust as they are given, else as an API key would have them', async () => {
    const internal = { conditions: { all: [{ fact: 'sender.scope', operator: 'equal', value: 'internal' }] } };
    const line = new FakeLine([{ ...internal, actions: [{ type: 'setHeader', name: 'X-In', value: '1' }] }]);
    const matched = async (more: Partial<Omit<DryRunInput, 'raw'>>): Promise<string | undefined> =>
      (await dryRun(line, more)).rules[0]?.outcome;
    expect(await matched({})).toBe('matched');
    expect(await matched({ isTrusted: false })).toBe('notMatched');
    expect(await matched({ isTrusted: true })).toBe('matched');
    for (const trust of [{}, { isTrusted: true }, { isTrusted: false }]) {
      expect(await matched({ mailFrom: 'x@other.example', ...trust })).toBe('notMatched');
      expect(await matched({ mailFrom: '', ...trust })).toBe('notMatched');
    }
    const { recipients } = await dryRun(line, { rcptTo: ['carl@customer.example'] });
    expect(recipients.map(({ address }) => address)).toEqual(['carl@customer.example']);
  });

  it.each([
    [true, { isAuthenticated: true, isTrustedNetwork: true }],
    [false, { isAuthenticated: false, isTrustedNetwork: false }],
    [undefined, { isAuthenticated: true, isTrustedNetwork: false }],
  ])('comes over a connection that is trusted: %s', async (isTrusted, connection) => {
    const line = new FakeLine([RULE]);
    const asked = jest.spyOn(line.judge, 'judge');
    await dryRun(line, isTrusted === undefined ? {} : { isTrusted });
    expect(asked.mock.calls[0]?.[0].accepted.connection).toMatchObject(connection);
  });

  it.each([
    ['reject', { type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' }],
    ['quarantine', { type: 'quarantine' }],
    ['delete', { type: 'delete' }],
  ] as const)('shows an end by %s as a group with that action', async (_name, action) => {
    const line = new FakeLine([{ actions: [action] }]);
    expect(await dryRun(line)).toMatchObject({
      recipients: [{ wouldHold: null }, { wouldHold: null }],
      groups: [{ recipients: [ANN, BOB], protection: 'none', actions: [action], subject: 'Figures' }],
    });
  });

  it('names the limit of a message that could not be judged', async () => {
    const answer = await dryRun(new FakeLine([RULE]), {
      raw: `To: ${ANN}\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
      rcptTo: [ANN],
    });
    expect(answer.recipients).toEqual([
      { address: ANN, rules: [], protection: 'none', wouldHold: 'ERR_MAIL_TOO_MANY_FIELDS' },
    ]);
    expect(answer.groups).toEqual([]);
  });

  it('says what the line then does', async () => {
    const line = new FakeLine([RULE]);
    line.keys.add(ANN, testKey('ann').certificate);
    const { recipients } = await dryRun(line);
    const id = await line.send(RAW.replaceAll('\n', '\r\n'), { rcptTo: [ANN, BOB] });
    for (const { address, rules, protection, wouldHold } of recipients) {
      expect(line.record.recipient(id, address)).toMatchObject({ rules, protection, code: wouldHold });
    }
  });
});
