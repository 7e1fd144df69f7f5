import { ENCRYPT } from '../../fakes/samples.js';
import type { Action, Condition, Rule, RuleSetContent } from '../../types.js';
import type { AnalysisWorld } from '../findings.js';

export interface FaultySet {
  readonly name: string;
  /** Their ids are `r0`, `r1`, … */
  readonly rules: readonly Partial<Rule>[];
  readonly content?: Partial<RuleSetContent>;
  readonly world?: Partial<AnalysisWorld>;
  /** Kinds with the rules: `shadowed r1 r0`. */
  readonly findings: readonly string[];
}

const is = (fact: string, operator: string, value?: unknown, params?: Record<string, unknown>): Condition => ({
  fact,
  operator,
  ...(value === undefined ? {} : { value }),
  ...(params === undefined ? {} : { params }),
});
const words = (...value: string[]): Condition => is('subject', 'containsWords', value);
const scope = (value: string): Condition => is('recipient.scope', 'equal', value);
const domain = (...value: string[]): Condition => is('recipient.domain', 'underDomain', value);
const to = (address: string): Condition => is('recipient.address', 'equal', address);
const tag = (value: string, name = 'X-Tag'): Action => ({ type: 'setHeader', name, value });
const redirect = (address: string): Action => ({ type: 'redirect', addresses: [address] });
const add = (address: string, as: 'to' | 'cc' | 'bcc' = 'cc'): Action => ({
  type: 'addRecipient',
  addresses: [address],
  as,
});
const REJECT: Action = { type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' };
const STOP: Action = { type: 'stop' };

/** Rule sets with faults, each kind of finding twice at least; what is found is all that is to be found. */
export const FAULTY_SETS: readonly FaultySet[] = [
  {
    name: 'one recipient in two scopes',
    rules: [{ conditions: { all: [scope('internal'), scope('external')] }, actions: [ENCRYPT] }],
    findings: ['unreachable r0'],
  },
  {
    name: 'a size that is more than much and less than little',
    rules: [
      {
        conditions: {
          all: [
            is('message.sizeBytes', 'greaterThan', 1_000_000),
            { any: [is('message.sizeBytes', 'lessThan', 1_000), is('message.sizeBytes', 'equal', 1_000_000)] },
          ],
        },
        actions: [ENCRYPT],
      },
    ],
    findings: ['unreachable r0'],
  },
  {
    name: 'a count below nothing',
    rules: [{ conditions: is('attachment.count', 'lessThan', 0), actions: [tag('1')] }],
    findings: ['unreachable r0'],
  },
  {
    name: 'the words, but not one of the words',
    rules: [
      {
        conditions: {
          all: [
            is('subject', 'containsWords', 'strictly confidential'),
            is('subjectOrBody', 'not:containsWords', ['confidential', 'secret']),
          ],
        },
        actions: [ENCRYPT],
      },
    ],
    findings: ['unreachable r0'],
  },
  {
    name: 'an internal sender over a connection of strangers',
    rules: [
      {
        conditions: {
          all: [is('sender.scope', 'equal', 'internal'), is('sender.isAuthenticated', 'equal', false)],
        },
        actions: [REJECT],
      },
    ],
    findings: ['unreachable r0'],
  },
  {
    name: 'a domain of ours that is outside',
    rules: [
      {
        conditions: { all: [domain('example.com'), is('recipient.domain', 'equal', 'example.com'), scope('external')] },
        actions: [ENCRYPT],
      },
    ],
    findings: ['unreachable r0'],
  },
  {
    name: 'a value that the fact never has, in a way that saving lets pass',
    rules: [{ conditions: is('message.importance', 'startsWith', 'urgent'), actions: [tag('1')] }],
    findings: ['unreachable r0'],
  },
  {
    name: 'two networks that do not meet',
    rules: [
      {
        conditions: {
          all: [
            is('sender.ip', 'inCidr', '192.0.2.0/24'),
            is('sender.ip', 'inCidr', ['198.51.100.0/24', '10.0.0.0/8']),
          ],
        },
        actions: [tag('1')],
      },
    ],
    findings: ['unreachable r0'],
  },
  {
    name: 'a named condition that denies what the rule asks',
    rules: [{ conditions: { all: [{ condition: 'outside' }, scope('internal')] }, actions: [tag('1')] }],
    content: { conditions: { outside: is('recipient.scope', 'notEqual', 'internal') } },
    findings: ['unreachable r0'],
  },
  {
    name: 'an exception that is the condition',
    rules: [{ conditions: words('contract'), exceptions: words('offer', 'contract'), actions: [ENCRYPT] }],
    findings: ['alwaysExcepted r0'],
  },
  {
    name: 'an exception for all whom the conditions name',
    rules: [
      {
        conditions: { all: [to('ann@customer.example'), words('contract')] },
        exceptions: { any: [domain('customer.example'), words('public')] },
        actions: [ENCRYPT],
      },
    ],
    findings: ['alwaysExcepted r0'],
  },
  {
    name: 'everything stopped at the top',
    rules: [
      { actions: [tag('1')], stopProcessing: true },
      { conditions: scope('external'), actions: [ENCRYPT] },
    ],
    findings: ['shadowed r1 r0'],
  },
  {
    name: 'a domain refused before its subdomain is sealed',
    rules: [
      { conditions: domain('competitor.example'), actions: [REJECT] },
      { conditions: { all: [domain('mail.competitor.example'), words('offer')] }, actions: [ENCRYPT] },
    ],
    findings: ['shadowed r1 r0'],
  },
  {
    name: 'two rules that stop between them all that a third asks for',
    rules: [
      { conditions: words('invoice'), actions: [STOP] },
      { conditions: words('offer'), actions: [{ type: 'delete' }] },
      { conditions: { all: [words('offer', 'invoice'), scope('external')] }, actions: [tag('1')] },
    ],
    findings: ['shadowed r2 r0 r1'],
  },
  {
    name: 'a larger size after all sizes above a smaller one',
    rules: [
      { conditions: is('message.sizeBytes', 'greaterThan', 10_000_000), actions: [REJECT] },
      { conditions: is('message.sizeBytes', 'greaterThanInclusive', 20_000_000), actions: [{ type: 'quarantine' }] },
    ],
    findings: ['shadowed r1 r0'],
  },
  {
    name: 'the same rule again, in other words',
    rules: [
      { conditions: { all: [words('offer', 'invoice'), scope('external')] }, actions: [ENCRYPT, tag('1')] },
      { conditions: { all: [{ all: [scope('external')] }, words('invoice', 'offer')] }, actions: [tag('1'), ENCRYPT] },
    ],
    findings: ['duplicate r1 r0'],
  },
  {
    name: 'the same rule again, its addresses in capitals',
    rules: [
      {
        conditions: is('recipient.address', 'in', ['ann@customer.example', 'bob@customer.example']),
        actions: [add('legal@example.com')],
      },
      {
        conditions: is('recipient.address', 'equal', ['BOB@customer.example', 'ann@CUSTOMER.example']),
        actions: [add('Legal@example.com')],
      },
    ],
    findings: ['duplicate r1 r0'],
  },
  {
    name: 'a header field that is always set already',
    rules: [
      { conditions: scope('external'), actions: [tag('outside')] },
      { conditions: { all: [scope('external'), words('offer')] }, actions: [tag('offer', 'x-tag')] },
    ],
    findings: ['contradictory r1 r0'],
  },
  {
    name: 'a header field that is set for everybody before it is taken out',
    rules: [
      { actions: [tag('1')] },
      { conditions: words('plain'), actions: [{ type: 'removeHeader', name: 'X-Tag' }] },
    ],
    findings: ['contradictory r1 r0'],
  },
  {
    name: 'a rule that wants mail without a key refused after one that holds it',
    rules: [
      { conditions: domain('customer.example'), actions: [ENCRYPT] },
      { conditions: to('ann@customer.example'), actions: [{ ...ENCRYPT, onMissingKey: 'reject' } as Action] },
    ],
    findings: ['contradictory r1 r0'],
  },
  {
    name: 'two absent people who stand in for each other',
    rules: [
      { conditions: to('ann@example.com'), actions: [redirect('bob@example.com')] },
      { conditions: to('bob@example.com'), actions: [redirect('ann@example.com')] },
    ],
    findings: ['redirectLoop r1 r0'],
  },
  {
    name: 'a circle of three, one of whom only gets a copy',
    rules: [
      { conditions: to('ann@example.com'), actions: [redirect('bob@example.com')] },
      { conditions: { all: [to('bob@example.com'), words('invoice')] }, actions: [redirect('carl@example.com')] },
      { conditions: is('recipient.address', 'startsWith', 'carl'), actions: [add('ann@example.com')] },
    ],
    findings: ['redirectLoop r2 r1 r0'],
  },
  {
    name: 'all mail to one, who sends it on to another',
    rules: [
      { actions: [redirect('office@example.com')] },
      { conditions: to('office@example.com'), actions: [redirect('bob@example.com')] },
    ],
    findings: ['redirectLoop r1 r0'],
  },
  {
    name: 'encrypt everything',
    rules: [{ actions: [ENCRYPT] }],
    findings: ['protectsEverything r0'],
  },
  {
    name: 'encrypt whatever is inside or is not',
    rules: [
      { conditions: scope('external'), actions: [tag('1')] },
      { conditions: { any: [scope('internal'), { not: scope('internal') }] }, actions: [ENCRYPT] },
    ],
    findings: ['protectsEverything r1'],
  },
  {
    name: 'a rule whose time is over',
    rules: [{ conditions: scope('external'), actions: [ENCRYPT], expireAt: '2026-11-24T12:00:00.000Z' }],
    findings: ['neverInForce r0'],
  },
  {
    name: 'a rollout to nobody',
    rules: [
      {
        conditions: scope('external'),
        actions: [ENCRYPT],
        rollout: { percent: 0, by: 'sender', senders: [], returnToAuditAbove: null },
      },
    ],
    findings: ['neverInForce r0'],
  },
  {
    name: 'a list without entries, and one that is gone',
    rules: [
      { conditions: is('recipient.domain', 'inList', 'partners'), actions: [ENCRYPT] },
      { conditions: { not: is('sender.address', 'inList', 'managers') }, actions: [tag('1')] },
    ],
    world: { lists: { partners: 0 } },
    findings: ['emptyList r0', 'missingList r1'],
  },
  {
    name: 'the same in exceptions and within a named condition',
    rules: [
      { conditions: words('offer'), exceptions: is('sender.address', 'inList', 'managers'), actions: [ENCRYPT] },
      { conditions: { condition: 'board' }, actions: [tag('1')] },
    ],
    content: { conditions: { board: is('sender.address', 'inList', 'board') } },
    world: { lists: { board: 0 } },
    findings: ['missingList r0', 'emptyList r1'],
  },
  {
    name: 'a group without members, and one that is gone',
    rules: [
      { conditions: is('sender.groups', 'memberOf', 'Board'), actions: [ENCRYPT] },
      { conditions: is('recipient.groups', 'memberOf', ['sales', 'nobody@example.com']), actions: [tag('1')] },
    ],
    world: { groups: { board: 0, sales: 3 } },
    findings: ['emptyGroup r0', 'missingGroup r1'],
  },
  {
    name: 'groups in an exception, and as members of a list',
    rules: [
      { conditions: words('offer'), exceptions: is('recipient.groups', 'memberOf', 'gone'), actions: [ENCRYPT] },
      { conditions: is('sender.groups', 'contains', 'empty'), actions: [tag('1')] },
    ],
    world: { groups: { empty: 0 } },
    findings: ['missingGroup r0', 'emptyGroup r1'],
  },
  {
    name: 'a named condition that nobody uses',
    rules: [{ conditions: { condition: 'outside' }, actions: [tag('1')] }],
    content: { conditions: { outside: scope('external'), inside: scope('internal') } },
    findings: ['unusedCondition'],
  },
  {
    name: 'a named condition that only an unused one uses',
    rules: [{ conditions: words('offer'), actions: [tag('1')] }],
    content: { conditions: { outside: scope('external'), far: { all: [{ condition: 'outside' }, words('far')] } } },
    findings: ['unusedCondition', 'unusedCondition'],
  },
];
