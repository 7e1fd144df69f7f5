import type { Action, Rule } from '#lib/rules';
import { FakeLine, POSTMASTER } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const EVE = 'eve@example.com';
const JOURNAL = 'journal@example.com';
/** Nobody can tell which of the two encodings the body has. */
const RAW = [
  'From: sue@example.com',
  `To: ${ANN}`,
  'Subject: x',
  'Content-Transfer-Encoding: 7bit',
  'Content-Transfer-Encoding: base64',
  '',
  'hello',
  '',
].join('\r\n');

const ENCRYPT: Action = {
  type: 'encrypt',
  method: 'auto',
  template: 'encrypt-only',
  onMissingKey: 'hold',
  subject: 'keep',
};
const asksBody = { all: [{ fact: 'body', operator: 'containsWords', value: ['merger'] }] };
const FAILING: Partial<Rule> = { id: 'failing', conditions: asksBody, actions: [ENCRYPT] };
const rule = (...actions: readonly Action[]): Partial<Rule> => ({ id: 'other', actions });

/** The line after Ann's copy, held by a rule that failed, was released unprotected. */
async function released(rules: readonly Partial<Rule>[]): Promise<{ line: FakeLine; id: string }> {
  const line = new FakeLine(rules);
  const id = await line.send(RAW, { rcptTo: [ANN] });
  expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_AMBIGUOUS' });
  line.record.wake(id, [ANN], { isUnprotected: true });
  await line.work();
  return { line, id };
}

function sentOf({ relay }: FakeLine): [string, string][] {
  const own = relay.sent.filter(({ recipients }) => !recipients.includes(POSTMASTER));
  return own.map(({ recipients, bytes }) => [recipients.join(), bytes.toString()]);
}

describe('A copy that a failed rule holds', () => {
  it('leaves in clear when it is released unprotected', async () => {
    const { line, id } = await released([FAILING]);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', protection: 'none' });
    expect(sentOf(line).map(([to]) => to)).toEqual([ANN]);
  });

  it('is held again for the same reason where it is only released, and goes when the rule is changed and judges it', async () => {
    const line = new FakeLine([FAILING]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    line.record.wake(id, [ANN]);
    await line.work();
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_AMBIGUOUS' });
    line.publish([{ ...FAILING, conditions: { fact: 'subject', operator: 'equal', value: 'merger' } }]);
    line.record.rejudge(id, [ANN]);
    await line.work();
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
  });

  it.each([
    ['before', [rule({ type: 'redirect', addresses: [EVE] }), FAILING]],
    ['after', [FAILING, rule({ type: 'redirect', addresses: [EVE] })]],
  ])('guarantees that a redirected recipient gets nothing, by a rule %s the failed one', async (_where, rules) => {
    const { line, id } = await released(rules);
    expect(line.record.recipient(id, ANN).state).toBe('redirected');
    expect(line.record.recipient(id, EVE)).toMatchObject({ state: 'held', code: 'ERR_MAIL_AMBIGUOUS' });
    expect(sentOf(line)).toEqual([]);
    line.record.wake(id, [EVE], { isUnprotected: true });
    await line.work();
    expect(sentOf(line).map(([to]) => to)).toEqual([EVE]);
  });

  it.each<[Action, string]>([
    [{ type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' }, 'rejected'],
    [{ type: 'delete' }, 'deleted'],
    [{ type: 'quarantine' }, 'quarantined'],
  ])('guarantees that a later rule still does what it says: %j', async (action, state) => {
    const { line, id } = await released([FAILING, rule(action)]);
    expect(line.record.recipient(id, ANN).state).toBe(state);
    expect(sentOf(line).filter(([to]) => to === ANN)).toEqual([]);
  });

  it('guarantees that later rules write into it and add others, whose copies nobody has released', async () => {
    const { line, id } = await released([
      FAILING,
      rule({ type: 'setHeader', name: 'X-Seen', value: '1' }, { type: 'bcc', addresses: [JOURNAL] }),
    ]);
    expect(sentOf(line)).toEqual([[ANN, expect.stringContaining('\r\nX-Seen: 1\r\n')]]);
    expect(line.record.recipient(id, ANN).rules).toEqual(['other']);
    expect(line.record.recipient(id, JOURNAL)).toMatchObject({ state: 'held', code: 'ERR_MAIL_AMBIGUOUS' });
  });
});
