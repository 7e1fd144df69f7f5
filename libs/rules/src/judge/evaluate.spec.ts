import { ANN, BOB, branchesOf, DORA, ENCRYPT, judge, outcomesOf, recordOf, TAG } from '../fakes/samples.js';
import type { Condition, Rule } from '../types.js';

const REJECT = { type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' } as const;
const TAGGED: Condition = { fact: 'header', operator: 'equal', value: '1', params: { name: 'x-tag' } };
const isFor = (address: string): Condition => ({ fact: 'recipient.address', operator: 'equal', value: address });
const outside: Condition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };

describe('order and window', () => {
  it('asks rules in their order, each seeing what those before wrote', async () => {
    const tagged = { conditions: TAGGED, actions: [ENCRYPT] };
    expect(outcomesOf(await judge([tagged, { actions: [TAG] }, tagged], recordOf([ANN])))).toEqual([
      'notMatched',
      'matched',
      'matched',
    ]);
  });

  it.each<[Partial<Rule>, string]>([
    [{ enabled: false }, 'skipped disabled'],
    [{ activateAt: '2026-11-24T12:00:00.000Z' }, 'matched'],
    [{ activateAt: '2026-11-24T12:00:00.001Z' }, 'skipped notActive'],
    [{ expireAt: '2026-11-24T12:00:00.001Z' }, 'matched'],
    [{ expireAt: '2026-11-24T12:00:00.000Z' }, 'skipped expired'],
  ])('with %j a rule is %s', async (rule, outcome) => {
    const verdict = await judge([{ actions: [{ type: 'delete' }], ...rule }], recordOf([ANN, BOB]));
    expect(outcomesOf(verdict)).toEqual([`${outcome}, ${outcome}`]);
    expect(verdict.rules[0]?.reason).toBe(outcome.split(' ')[1]);
    expect(verdict.rules[0]?.why).toEqual([]);
  });

  it('lets mail go where there is no rule', async () => {
    expect(branchesOf(await judge([], recordOf([ANN, BOB])))).toEqual([['ann bob', 'deliver', '', 'none']]);
  });
});

describe('branches', () => {
  it('part where a rule acts for some, and meet again where they look the same', async () => {
    const first = await judge([{ conditions: isFor(ANN), actions: [TAG] }], recordOf([ANN, BOB]));
    expect(branchesOf(first)).toEqual([
      ['ann', 'deliver', 'X-Tag', 'none'],
      ['bob', 'deliver', '', 'none'],
    ]);
    const both = [
      { conditions: isFor(ANN), actions: [TAG] },
      { conditions: isFor(BOB), actions: [TAG] },
    ];
    expect(branchesOf(await judge(both, recordOf([ANN, BOB])))).toEqual([['ann bob', 'deliver', 'X-Tag', 'none']]);
  });

  it('act as a whole with allRecipients, and each by itself', async () => {
    const all = { conditions: isFor(ANN), actions: [ENCRYPT], appliesTo: 'allRecipients' } as const;
    expect(outcomesOf(await judge([all], recordOf([ANN, BOB])))).toEqual(['matched, matched']);
    // Ann and Bob stand in two branches by then: Ann's match is none for Bob.
    const parted = await judge([{ conditions: isFor(BOB), actions: [TAG] }, all], recordOf([ANN, BOB]));
    expect(outcomesOf(parted)).toEqual(['notMatched, matched', 'matched, notMatched']);
  });

  it('take out whom an exception names, and cancel the rule where it is about the message', async () => {
    const rule = { conditions: isFor(ANN), actions: [ENCRYPT], appliesTo: 'allRecipients' } as const;
    const notFor = async (exceptions: Condition) =>
      outcomesOf(await judge([{ ...rule, exceptions }], recordOf([ANN, BOB, DORA])));
    expect(await notFor(isFor(BOB))).toEqual(['matched, excepted, matched']);
    expect(await notFor(isFor(ANN))).toEqual(['excepted, notMatched, notMatched']);
    expect(await notFor({ fact: 'subject', operator: 'equal', value: 'figures' })).toEqual([
      'excepted, excepted, excepted',
    ]);
    const matching = { conditions: outside, exceptions: isFor(BOB), actions: [ENCRYPT] };
    expect(outcomesOf(await judge([matching], recordOf([ANN, BOB, DORA])))).toEqual(['matched, excepted, notMatched']);
  });

  it('are at most 64, those whose rules have ended included; then whoever would get one is held', async () => {
    const people = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@customer.example`);
    const rules: Partial<Rule>[] = [
      { conditions: isFor('a0@customer.example'), actions: [REJECT] },
      {
        conditions: isFor('a1@customer.example'),
        actions: [{ type: 'setHeader', name: 'X-First', value: '1' }],
        stopProcessing: true,
      },
      { actions: [{ type: 'setHeader', name: 'X-To', value: '{{recipient.address}}' }] },
      { actions: [TAG] },
    ];
    const most = await judge(rules, recordOf(people(64)));
    expect(most.branches).toHaveLength(64);
    expect(most.branches.at(-1)?.edits).toContainEqual({
      type: 'setHeader',
      name: 'X-To',
      value: 'a63@customer.example',
    });
    const more = await judge(rules, recordOf(people(65)));
    expect(more.branches[0]?.ending.type).toBe('reject');
    const held = { type: 'hold', rule: null, code: 'ERR_BRANCHES_EXCEEDED' };
    expect(more.branches.slice(1).map(({ ending }) => ending)).toEqual(Array.from({ length: 64 }, () => held));
    expect(more.rules[3]?.recipients[2]).toMatchObject({ outcome: 'skipped', reason: 'held' });
    const ended = { actions: [{ type: 'setHeader', name: 'X-To', value: '{{recipient.address}}' }, { type: 'stop' }] };
    const stopped = await judge([ended as Partial<Rule>], recordOf(people(65)));
    expect(stopped.branches.map(({ ending }) => ending)).toEqual(Array.from({ length: 65 }, () => held));
  });
});

describe('what rules change', () => {
  it.each<[string, Condition]>([
    ['the subject', { fact: 'subject', operator: 'startsWith', value: '[x] ' }],
    ['subject or body', { fact: 'subjectOrBody', operator: 'containsWords', value: '[x]' }],
    [
      'the subject as a header',
      { fact: 'header', operator: 'equal', value: '[x] Figures', params: { name: 'Subject' } },
    ],
    ['a header', TAGGED],
    ['a header that was removed', { fact: 'header', operator: 'not:exists', params: { name: 'X-Old' } }],
    ['importance', { fact: 'message.importance', operator: 'equal', value: 'high' }],
    ['To', { fact: 'to', operator: 'contains', value: 'new@example.com' }],
    ['To or Cc', { fact: 'toOrCc', operator: 'contains', value: 'new@example.com' }],
    ['the envelope', { fact: 'rcptTo', operator: 'contains', value: 'new@example.com' }],
    ['the number of recipients', { fact: 'recipients.count', operator: 'equal', value: 3 }],
    ['the number of outside recipients', { fact: 'recipients.externalCount', operator: 'equal', value: 2 }],
  ])('is seen by later rules: %s', async (_name, conditions) => {
    const actions = [
      { type: 'prependSubject', text: '[x] ' },
      TAG,
      { type: 'removeHeader', name: 'x-old' },
      { type: 'setHeader', name: 'Importance', value: 'High' },
      { type: 'addRecipient', addresses: ['new@example.com', 'x@other.example'], as: 'to' },
    ] as const;
    const headers = { 'x-old': ['1'], subject: ['Figures'] };
    const record = recordOf([ANN], { headers, message: { 'message.importance': 'normal' } });
    const reader = { conditions, actions: [TAG] };
    expect(outcomesOf(await judge([reader, { actions }, reader], record))).toEqual([
      'notMatched, skipped added, skipped added',
      'matched, skipped added, skipped added',
      'matched, matched, matched',
    ]);
  });

  it('is where the header shows a recipient: one in no header whom a rule adds to it stands there from then on', async () => {
    const isIn = (place: string): Partial<Rule> => ({
      conditions: { fact: 'recipient.in', operator: 'equal', value: place },
      actions: [{ type: 'audit', severity: 'none' }],
    });
    const show = (as: 'to' | 'cc'): Partial<Rule> => ({
      conditions: isFor(ANN),
      actions: [{ type: 'addRecipient', addresses: [ANN, BOB], as }],
    });
    const rules = [isIn('bcc'), show('cc'), isIn('cc'), show('to'), isIn('to')];
    const verdict = await judge(
      rules,
      recordOf([
        { address: ANN, in: 'bcc' },
        { address: BOB, in: 'bcc' },
      ]),
    );
    // Bob's own copy does not show him: nothing was added to it.
    expect(outcomesOf(verdict)).toEqual([
      'matched, matched',
      'matched, notMatched',
      'matched, notMatched',
      'matched, notMatched',
      'matched, notMatched',
    ]);
    expect(verdict.branches.flatMap(({ recipients }) => recipients.map((one) => one.in))).toEqual(['to', 'bcc']);
  });

  it('takes effect in one order, however a rule is written', async () => {
    const actions = [
      { type: 'stop' },
      { type: 'quarantine' },
      ENCRYPT,
      { type: 'addRecipient', addresses: ['new@example.com'], as: 'cc' },
      { type: 'prependSubject', text: '[x] ' },
      TAG,
    ] as const;
    const [branch] = (await judge([{ actions }], recordOf([ANN]))).branches;
    expect(branch?.edits.map(({ type }) => type)).toEqual(['setHeader', 'setSubject', 'addAddress']);
    expect(branch?.ending).toEqual({ type: 'quarantine', rule: 'r0' });
    expect(branch?.protection).toEqual({ method: 'auto', onMissingKey: 'hold', subject: 'keep' });
  });

  it('fills in what a text names, for each recipient and in one line', async () => {
    const value =
      '{{ sender.displayName }} <{{sender.address}}> to {{recipient.displayName}} {{recipient.address}}: {{subject}}';
    const text = 'Not to {{recipient.address}}.';
    const record = recordOf([{ address: ANN, displayName: 'Ann\r\nBcc: x@y.example' }, BOB], {
      message: { subject: '{{sender.address}}\r\nX-Evil: 1' },
    });
    const rules = [
      { actions: [{ type: 'setHeader', name: 'X-Who', value }] },
      { conditions: isFor(BOB), actions: [{ ...REJECT, text }] },
    ] as const;
    const [ann, bob] = (await judge(rules, record)).branches;
    const rest = `: {{sender.address}} X-Evil: 1`;
    expect(ann?.edits).toEqual([
      { type: 'setHeader', name: 'X-Who', value: `Sue <sue@example.com> to Ann Bcc: x@y.example ${ANN}${rest}` },
    ]);
    expect(bob?.edits).toEqual([
      { type: 'setHeader', name: 'X-Who', value: `Sue <sue@example.com> to  ${BOB}${rest}` },
    ]);
    expect(bob?.ending).toMatchObject({ text: `Not to ${BOB}.` });
  });

  it('gives one subject for several lines, so that no program shows one without the text', async () => {
    const rules = [{ actions: [{ type: 'prependSubject', text: '[x] ' }] }] as const;
    const subjectsOf = async (subject: readonly string[]) =>
      (await judge(rules, recordOf([ANN], { message: { subject } }))).branches[0]?.edits;
    expect(await subjectsOf(['Figures', '[x] other'])).toEqual([{ type: 'setSubject', text: '[x] Figures' }]);
    expect(await subjectsOf(['[x] Figures', 'other'])).toEqual([{ type: 'setSubject', text: '[x] Figures' }]);
    expect(await subjectsOf(['[x] Figures', 'Re: [x] other'])).toEqual([]);
    expect(await subjectsOf([])).toEqual([{ type: 'setSubject', text: '[x] ' }]);
  });

  it('fails where it cannot be read, and is held', async () => {
    const record = recordOf([ANN], { message: { subject: { errorCode: 'ERR_AWAY' } } });
    const verdict = await judge([{ actions: [{ type: 'prependSubject', text: '[x] ' }] }], record);
    expect(verdict.branches[0]?.ending).toEqual({ type: 'hold', rule: 'r0', code: 'ERR_AWAY' });
    expect(verdict.branches[0]?.edits).toEqual([]);
  });
});

describe('contradictions between rules', () => {
  it.each<[string, Partial<Rule>, Partial<Rule>, object]>([
    [
      'two values of a header',
      { actions: [TAG] },
      { actions: [ENCRYPT, { ...TAG, value: '2' } as typeof TAG] },
      { edits: [TAG] },
    ],
    [
      'a header set and removed',
      { actions: [TAG] },
      { actions: [ENCRYPT, { type: 'removeHeader', name: 'x-tag' }] },
      { edits: [TAG] },
    ],
    [
      'what to do without a key',
      { actions: [ENCRYPT] },
      { actions: [TAG, { ...ENCRYPT, method: 'smime', onMissingKey: 'reject', subject: 'hide' } as typeof ENCRYPT] },
      { protection: { method: 'smime', onMissingKey: 'hold', subject: 'hide' } },
    ],
    [
      'where an added recipient stands',
      { actions: [{ type: 'bcc', addresses: ['new@example.com'] }] },
      { actions: [TAG, { type: 'addRecipient', addresses: ['new@example.com'], as: 'to' }] },
      { edits: [TAG] },
    ],
  ])('go to the first, and the trace says so: %s', async (_name, first, second, expected) => {
    const verdict = await judge([first, second], recordOf([ANN]));
    expect(verdict.rules.map(({ overruled }) => overruled)).toEqual([undefined, ['/actions/1']]);
    expect(verdict.branches[0]).toMatchObject(expected);
  });

  it('are none where both say the same', async () => {
    const verdict = await judge([{ actions: [TAG, ENCRYPT] }, { actions: [TAG, ENCRYPT] }], recordOf([ANN]));
    expect(verdict.rules.map(({ overruled }) => overruled)).toEqual([undefined, undefined]);
    expect(verdict.branches[0]?.edits).toEqual([TAG]);
  });
});

describe('protection', () => {
  it('guarantees that no later rule weakens it', async () => {
    const strong = { ...ENCRYPT, method: 'smime', subject: 'hide' } as typeof ENCRYPT;
    for (const rules of [
      [strong, ENCRYPT],
      [ENCRYPT, strong],
    ]) {
      const { branches } = await judge(
        rules.map((action) => ({ actions: [action] })),
        recordOf([ANN]),
      );
      expect(branches[0]?.protection).toEqual({ method: 'smime', onMissingKey: 'hold', subject: 'hide' });
    }
  });

  it('is for those for whom the rule matched, no others', async () => {
    expect(branchesOf(await judge([{ conditions: outside, actions: [ENCRYPT] }], recordOf([ANN, DORA])))).toEqual([
      ['ann', 'deliver', '', 'auto'],
      ['dora', 'deliver', '', 'none'],
    ]);
  });
});

describe('stopping and parking', () => {
  it.each<[string, Partial<Rule>, string, string]>([
    ['stopProcessing', { actions: [TAG], stopProcessing: true }, 'deliver', 'stopped'],
    ['stop', { actions: [{ type: 'stop' }] }, 'deliver', 'stopped'],
    ['reject', { actions: [REJECT] }, 'reject', 'stopped'],
    ['delete', { actions: [{ type: 'delete' }] }, 'delete', 'stopped'],
    ['quarantine', { actions: [{ type: 'quarantine' }] }, 'quarantine', 'parked'],
  ])('by %s ends the rules for whom it acts on, not for others', async (_name, rule, ending, reason) => {
    const verdict = await judge([{ ...rule, conditions: isFor(ANN) }, { actions: [ENCRYPT] }], recordOf([ANN, BOB]));
    expect(outcomesOf(verdict)).toEqual(['matched, notMatched', `skipped ${reason}, matched`]);
    expect(branchesOf(verdict).map(([who, how]) => [who, how])).toEqual([
      ['ann', ending],
      ['bob', 'deliver'],
    ]);
  });

  it('goes on after the rule that parked, with all that was asked for until then', async () => {
    const rules: Partial<Rule>[] = [
      { actions: [{ type: 'quarantine' }] },
      { actions: [TAG, { type: 'quarantine' }], stopProcessing: true },
      { actions: [ENCRYPT] },
      { actions: [{ type: 'quarantine' }] },
    ];
    const ends = async (resumeAfterRule?: string) => {
      const one = resumeAfterRule === undefined ? ANN : { address: ANN, resumeAfterRule };
      return branchesOf(await judge(rules, recordOf([one])));
    };
    const parkedBy = async (resumeAfterRule?: string) => {
      const one = resumeAfterRule === undefined ? ANN : { address: ANN, resumeAfterRule };
      const [branch] = (await judge(rules, recordOf([one]))).branches;
      return branch?.ending.type === 'quarantine' ? branch.ending.rule : branch?.ending.type;
    };
    expect(await parkedBy()).toBe('r0');
    expect(await parkedBy('r0')).toBe('r1');
    expect(await parkedBy('r1')).toBe('r3');
    expect(await ends('r3')).toEqual([['ann', 'deliver', 'X-Tag', 'auto']]);
    // A rule that is not in the set (the one of now, on rejudge) parked it: judged from the first.
    expect(await parkedBy('gone')).toBe('r0');
  });

  it.each(['audit', 'auditAndNotify'] as const)('is nothing that a rule in mode %s does', async (mode) => {
    const rules = [
      { mode, actions: [TAG, { type: 'audit', severity: 'high' }, { type: 'delete' }], stopProcessing: true },
      { actions: [ENCRYPT] },
    ] as const;
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomesOf(verdict)).toEqual(['matched', 'matched']);
    expect(branchesOf(verdict)).toEqual([['ann', 'deliver', '', 'auto']]);
    expect(verdict.branches[0]?.recipients[0]?.rules).toEqual(['r1']);
    expect(verdict.audits).toEqual([{ rule: 'r0', severity: 'high', recipients: [ANN], mode }]);
  });
});

describe('many messages at once', () => {
  it('are judged each by itself on one rule set', async () => {
    const rules = [{ conditions: { fact: 'subject', operator: 'containsWords', value: 'secret' }, actions: [ENCRYPT] }];
    const subjects = Array.from({ length: 50 }, (_, n) => (n % 3 === 0 ? 'secret' : 'open'));
    const verdicts = await Promise.all(
      subjects.map((subject) => judge(rules, recordOf([ANN], { message: { subject } }))),
    );
    expect(verdicts.map(({ branches }) => branches[0]?.protection !== null)).toEqual(
      subjects.map((one) => one === 'secret'),
    );
  });
});
