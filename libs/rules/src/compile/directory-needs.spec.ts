import type { Action, Condition, Rule, RuleSetContent } from '../types.js';
import { directoryNeeds } from './directory-needs.js';

const SETTINGS = { acceptedDomains: ['clinic.example'], partnerDomains: [], timeZone: 'UTC' };
const NOTHING = { sender: false, recipients: false, headers: false, senderManager: false };

function needsOf(rule: Partial<Rule>, more: Partial<RuleSetContent> = {}): unknown {
  const whole = { enabled: true, conditions: { all: [] }, exceptions: null, actions: [], ...rule } as unknown as Rule;
  return directoryNeeds({ rules: [whole], settings: SETTINGS, ...more });
}
const leaf = (fact: string, value: unknown = 'x'): Condition => ({ fact, operator: 'equal', value });

const memberOf = (fact: string, operator = 'memberOf'): object => ({ conditions: { fact, operator, value: 'staff' } });

describe('what rules ask of the directory', () => {
  it.each([
    ['nothing, of a rule about the subject', { conditions: leaf('subject') }, NOTHING],
    ['the sender', { conditions: { all: [{ not: leaf('sender.groups') }] } }, { ...NOTHING, sender: true }],
    ['recipients, in an exception', { exceptions: leaf('recipient.attribute') }, { ...NOTHING, recipients: true }],
    ['both, of a relation', { conditions: leaf('relation') }, { ...NOTHING, sender: true, recipients: true }],
    [
      'the sender, in a value that is another fact',
      { conditions: leaf('recipient.address', { fact: 'sender.manager' }) },
      { ...NOTHING, sender: true },
    ],
    ['nothing, of an address that is compared', { conditions: leaf('sender.address') }, NOTHING],
    ['the sender, of whom it is a member', memberOf('sender.address', 'not:memberOf'), { ...NOTHING, sender: true }],
    ['recipients, of whom they are members', memberOf('recipient.address'), { ...NOTHING, recipients: true }],
    ['recipients, of the envelope', memberOf('rcptTo', 'everyFact:memberOf'), { ...NOTHING, recipients: true }],
    ['addresses of the header', memberOf('toOrCc'), { ...NOTHING, headers: true }],
    ['nothing, of a rule that is off', { enabled: false, conditions: leaf('sender.groups') }, NOTHING],
  ])('%s', (_what, rule, needs) => {
    expect(needsOf(rule as Partial<Rule>)).toEqual(needs);
  });

  it('the sender and its manager, where mail may go to the manager', () => {
    const actions = [{ type: 'bcc', addresses: ['senderManager'] }] as readonly Action[];
    expect(needsOf({ actions })).toEqual({ ...NOTHING, sender: true, senderManager: true });
  });

  it('what a placeholder stands for', () => {
    const actions = [{ type: 'prependSubject', text: '[{{ sender.attribute.unit }}] ' }] as readonly Action[];
    expect(needsOf({ actions })).toEqual({ ...NOTHING, sender: true });
  });

  it('what named conditions ask, and whom a rollout is for', () => {
    const conditions = { staff: { condition: 'us' }, us: leaf('recipient.groups'), unused: leaf('sender.groups') };
    expect(needsOf({ conditions: { condition: 'staff' } }, { conditions })).toEqual({ ...NOTHING, recipients: true });
    const rollout = { percent: 0, by: 'sender', senders: ['pilots'], returnToAuditAbove: null } as const;
    expect(needsOf({ rollout })).toEqual({ ...NOTHING, sender: true });
  });
});
