import { ENCRYPT } from '../../fakes/samples.js';
import type { Action, Condition, Rule, RuleSetContent } from '../../types.js';
import type { AnalysisWorld } from '../findings.js';

export interface GoodSet {
  readonly name: string;
  readonly rules: readonly Partial<Rule>[];
  readonly content?: Partial<RuleSetContent>;
  readonly world?: Partial<AnalysisWorld>;
}

const is = (fact: string, operator: string, value?: unknown, params?: Record<string, unknown>): Condition => ({
  fact,
  operator,
  ...(value === undefined ? {} : { value }),
  ...(params === undefined ? {} : { params }),
});
const all = (...conditions: Condition[]): Condition => ({ all: conditions });
const any = (...conditions: Condition[]): Condition => ({ any: conditions });
const words = (...value: string[]): Condition => is('subjectOrBody', 'containsWords', value);
const OUTSIDE = is('recipient.scope', 'in', ['external', 'partner']);
const INSIDE = is('recipient.scope', 'equal', 'internal');
const FROM_OUTSIDE = is('sender.scope', 'equal', 'external');
const tag = (name: string, value: string): Action => ({ type: 'setHeader', name, value });
const to = (address: string): Condition => is('recipient.address', 'equal', address);
const redirect = (...addresses: string[]): Action => ({ type: 'redirect', addresses });
const REJECT: Action = { type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' };
const STOP: Action = { type: 'stop' };
const QUARANTINE: Action = { type: 'quarantine' };

/** Rule sets as organizations have them; there is nothing wrong with them. */
export const GOOD_SETS: readonly GoodSet[] = [
  {
    name: 'the sender asks for encryption with a word in the subject',
    rules: [
      {
        conditions: all(is('subject', 'containsWords', ['[encrypt]', 'encrypt:', 'verschlüsseln']), OUTSIDE),
        actions: [ENCRYPT],
      },
    ],
  },
  {
    name: 'board papers from the board',
    rules: [
      {
        conditions: all(
          words('board paper', 'supervisory board'),
          is('sender.groups', 'memberOf', 'board@example.com'),
        ),
        actions: [ENCRYPT, { type: 'audit', severity: 'high' }],
      },
    ],
    world: { groups: { 'board@example.com': 7 } },
  },
  {
    name: 'card data leaves encrypted, but to banks',
    rules: [
      {
        conditions: all(is('body', 'matches', '\\b(?:\\d[ -]?){16}\\b'), OUTSIDE),
        exceptions: is('recipient.domain', 'underDomain', ['bank.example', 'acquirer.example']),
        actions: [ENCRYPT, { type: 'audit', severity: 'high' }],
      },
    ],
  },
  {
    name: 'executable attachments refused, others from outside marked',
    rules: [
      { conditions: is('attachment.extensions', 'in', ['exe', 'scr', 'js']), actions: [REJECT], stopProcessing: true },
      {
        conditions: FROM_OUTSIDE,
        exceptions: is('subject', 'matches', '^\\[EXT\\]'),
        actions: [{ type: 'prependSubject', text: '[EXT] ' }, tag('X-External', 'yes')],
      },
    ],
  },
  {
    name: 'internal mail passes, all else is sealed',
    rules: [{ conditions: INSIDE, actions: [STOP] }, { actions: [ENCRYPT] }],
  },
  {
    name: 'journal first, then protect',
    rules: [
      { actions: [{ type: 'bcc', addresses: ['journal@archive.example'] }] },
      { conditions: words('confidential'), actions: [ENCRYPT] },
      {
        conditions: all(words('confidential'), is('recipient.domain', 'equal', 'archive.example')),
        actions: [tag('X-Archive', '1')],
      },
    ],
  },
  {
    name: 'quarantine what looks odd, and seal it when it is released',
    rules: [
      { conditions: is('attachment.names', 'matches', '(?i)\\.pdf\\.exe$'), actions: [QUARANTINE] },
      { conditions: all(is('attachment.names', 'matches', '(?i)\\.pdf\\.exe$'), OUTSIDE), actions: [ENCRYPT] },
    ],
  },
  {
    name: 'one rule tags, another reads the tag',
    rules: [
      { conditions: words('patient', 'diagnosis'), actions: [tag('X-Health', '1')] },
      { conditions: words('insurance number'), actions: [tag('X-Health', '1')] },
      { conditions: all(is('header', 'equal', '1', { name: 'X-Health' }), OUTSIDE), actions: [ENCRYPT] },
      {
        conditions: is('header', 'equal', '1', { name: 'X-Health' }),
        actions: [{ type: 'audit', severity: 'medium' }],
      },
    ],
  },
  {
    name: 'the same question before and after a rule that writes',
    rules: [
      { conditions: is('subject', 'startsWith', '[EXT]'), actions: [tag('X-Was-Marked', 'yes')] },
      { conditions: FROM_OUTSIDE, actions: [{ type: 'prependSubject', text: '[EXT] ' }] },
      { conditions: is('subject', 'startsWith', '[EXT]'), actions: [tag('X-Marked', 'yes')] },
    ],
  },
  {
    name: 'large mail held back, larger refused',
    rules: [
      { conditions: is('message.sizeBytes', 'greaterThan', 40_000_000), actions: [REJECT] },
      { conditions: is('message.sizeBytes', 'greaterThan', 20_000_000), actions: [QUARANTINE] },
    ],
  },
  {
    name: 'a cover for one absent, who has no cover',
    rules: [
      { conditions: to('ann@example.com'), actions: [redirect('bob@example.com')] },
      { conditions: to('carl@example.com'), actions: [redirect('bob@example.com')] },
      { conditions: to('bob@example.com'), actions: [{ type: 'bcc', addresses: ['office@example.com'] }] },
    ],
  },
  {
    name: 'invoices go one way, complaints the other',
    rules: [
      {
        conditions: all(to('office@example.com'), is('message.importance', 'equal', 'high')),
        actions: [redirect('boss@example.com')],
      },
      {
        conditions: all(to('boss@example.com'), is('message.importance', 'equal', 'low')),
        actions: [redirect('office@example.com')],
      },
    ],
  },
  {
    name: 'two reviewers, each for their words',
    rules: [
      { conditions: words('invoice'), actions: [redirect('review@example.com')] },
      {
        conditions: all(is('recipient.domain', 'equal', 'example.com'), words('complaint')),
        actions: [redirect('service@example.com')],
      },
    ],
  },
  {
    name: 'first match wins for a header field',
    rules: [
      { conditions: words('secret'), actions: [tag('X-Class', 'secret')] },
      { conditions: words('internal'), actions: [tag('X-Class', 'internal')] },
      { conditions: OUTSIDE, actions: [tag('X-Class', 'public')] },
    ],
  },
  {
    name: 'a rule on trial beside the one in force',
    rules: [
      { conditions: all(words('confidential'), OUTSIDE), actions: [ENCRYPT] },
      { conditions: words('confidential'), actions: [ENCRYPT], mode: 'audit' },
      { conditions: all(words('draft'), OUTSIDE), actions: [ENCRYPT], enabled: false },
      { conditions: all(words('draft'), OUTSIDE), actions: [ENCRYPT] },
    ],
  },
  {
    name: 'a rule until the end of the year and its successor',
    rules: [
      { conditions: words('budget'), actions: [STOP], expireAt: '2026-12-31T23:00:00.000Z' },
      { conditions: all(words('budget'), OUTSIDE), actions: [ENCRYPT], activateAt: '2026-12-31T23:00:00.000Z' },
    ],
  },
  {
    name: 'trusted senders stop, but only where the stop cannot fail',
    rules: [
      { conditions: is('subject', 'matches', '^\\[newsletter\\]'), actions: [STOP], onError: 'skip' },
      { conditions: is('subject', 'matches', '^\\[newsletter\\]'), actions: [tag('X-News', 'yes')] },
    ],
  },
  {
    name: 'an archive copy that is sealed by a later rule',
    rules: [
      { conditions: INSIDE, actions: [{ type: 'bcc', addresses: ['zoe@archive.example'] }, STOP] },
      { conditions: all(INSIDE, words('secret')), actions: [tag('X-Secret', '1')], enabled: false },
      { conditions: is('recipient.domain', 'equal', 'archive.example'), actions: [ENCRYPT] },
    ],
  },
  {
    name: 'named conditions and lists',
    rules: [
      { conditions: all({ condition: 'outside' }, { condition: 'sensitive' }), actions: [ENCRYPT] },
      { conditions: is('recipient.domain', 'inList', 'partners'), actions: [{ type: 'audit', severity: 'low' }] },
    ],
    content: {
      conditions: {
        outside: OUTSIDE,
        sensitive: any(words('salary'), { condition: 'health' }),
        health: words('diagnosis'),
      },
    },
    world: { lists: { partners: 12 }, conditions: ['outside', 'sensitive', 'health'] },
  },
  {
    name: 'forged senders refused, bulk mail let through',
    rules: [
      {
        conditions: all(is('sender.domain', 'equal', 'example.com'), FROM_OUTSIDE),
        exceptions: is('message.type', 'contains', 'bulk'),
        actions: [REJECT],
      },
      {
        conditions: all(is('sender.domain', 'equal', 'example.com'), is('message.type', 'contains', 'bulk')),
        actions: [tag('X-Bulk', '1')],
      },
    ],
  },
  {
    name: 'two numbers that a list may have both of',
    rules: [
      {
        conditions: all(
          is('attachment.sizesBytes', 'greaterThan', 1_000_000),
          is('attachment.sizesBytes', 'lessThan', 1_000),
          is('toOrCc', 'contains', 'ann@example.com'),
          is('toOrCc', 'contains', 'bob@example.com'),
          is('subject', 'startsWith', 'A'),
          is('subject', 'startsWith', 'B'),
        ),
        actions: [{ type: 'audit', severity: 'low' }],
      },
    ],
  },
  {
    name: 'no rules',
    rules: [],
  },
];
