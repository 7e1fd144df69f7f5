import { ANN, BOB, judge, outcomesOf, recordOf, senderOf } from '../fakes/samples.js';
import type { Action, Condition, FactRecord, HeaderEdit } from '../types.js';

const is = (fact: string, value: unknown, operator = 'equal'): Condition => ({ fact, operator, value });

/** What a condition comes to for a message. */
async function answer(
  conditions: Condition,
  more: Partial<FactRecord>,
  before: readonly Action[] = [],
): Promise<string> {
  const verdict = await judge(
    [...before.map((action) => ({ actions: [action] })), { conditions }],
    recordOf([ANN], more),
  );
  return outcomesOf(verdict).at(-1) ?? '';
}

async function editsOf(...actions: readonly Action[]): Promise<readonly HeaderEdit[]> {
  const verdict = await judge(
    actions.map((action) => ({ actions: [action] })),
    recordOf([ANN]),
  );
  return verdict.branches[0]?.edits ?? [];
}

async function overruledIn(...rules: readonly (readonly Action[])[]): Promise<unknown> {
  const verdict = await judge(
    rules.map((actions) => ({ actions })),
    recordOf([ANN]),
  );
  return verdict.rules.map(({ overruled }) => overruled ?? []);
}

describe('the sensitivity of a message', () => {
  it.each([
    ['Personal', 'personal'],
    ['private', 'private'],
    [' Company-Confidential ', 'companyConfidential'],
    ['Normal', 'normal'],
    ['Secret', 'normal'],
  ])('Sensitivity: %s is %s', async (value, expected) => {
    const headers = { sensitivity: [value] };
    expect(await answer(is('message.sensitivity', expected), { headers })).toBe('matched');
    expect(await answer(is('message.sensitivity', expected, 'notEqual'), { headers })).toBe('notMatched');
  });

  it('is normal without a word about it, and what a rule writes', async () => {
    expect(await answer(is('message.sensitivity', 'normal'), {})).toBe('matched');
    const write: Action = { type: 'setHeader', name: 'Sensitivity', value: 'Private' };
    expect(await answer(is('message.sensitivity', 'private'), {}, [write])).toBe('matched');
  });

  it('is in error in a charset that nobody knows', async () => {
    const unreadable = { fields: ['sensitivity'], errorCode: 'ERR_CHARSET_UNKNOWN' };
    const record = { headers: { sensitivity: ['x'] }, unreadable };
    expect(await answer(is('message.sensitivity', 'private'), record)).toBe('failed ERR_CHARSET_UNKNOWN');
  });
});

describe('the classification of a message', () => {
  const headers = { 'x-classification': ['Secret'], 'x-microsoft-classid': ['6e3b-1'] };
  const secret = is('message.classification', 'Secret', 'contains');

  it('is believed of the organization itself, in every field that programs write it in', async () => {
    expect(await answer(secret, { headers })).toBe('matched');
    expect(await answer(is('message.classification', '6e3b-1', 'contains'), { headers })).toBe('matched');
    expect(await answer(is('message.classification', true, 'exists'), {})).toBe('notMatched');
  });

  it.each<[string, Partial<FactRecord>]>([
    ['a stranger', { headerFrom: [senderOf('eve@other.example')], envelopeFrom: senderOf('eve@other.example') }],
    ['a connection that may not speak for it', { isAuthenticated: false }],
    ['another envelope', { envelopeFrom: senderOf('eve@other.example') }],
    ['the null sender', { envelopeFrom: null }],
    [
      'one who stands beside others in From',
      { headerFrom: [senderOf('sue@example.com'), senderOf('eve@other.example')] },
    ],
    ['nobody', { headerFrom: [] }],
  ])('is not believed of %s', async (_name, from) => {
    expect(await answer(secret, { headers, ...from })).toBe('notMatched');
    expect(await answer(secret, { headers, ...from }, [{ type: 'classify', name: 'Secret' }])).toBe('matched');
  });

  it('is what a rule says, for the rules after it', async () => {
    const verdict = await judge(
      [
        { conditions: is('recipient.address', ANN), actions: [{ type: 'classify', name: 'Internal' }] },
        { conditions: is('message.classification', 'internal', 'contains') },
      ],
      recordOf([ANN, BOB], { headers }),
    );
    expect(outcomesOf(verdict)).toEqual(['matched, notMatched', 'matched, notMatched']);
    expect(verdict.branches.map(({ edits }) => edits)).toEqual([
      [{ type: 'setHeader', name: 'X-Classification', value: 'Internal' }],
      [],
    ]);
  });

  it('is the first one, of rules that say different ones', async () => {
    const classify = (name: string): readonly Action[] => [{ type: 'classify', name }];
    expect(await overruledIn(classify('a'), classify('b'), classify('a'))).toEqual([[], ['/actions/0'], []]);
  });
});

describe('the spam score of a message', () => {
  it('is what the line says that it came with, until a rule writes one', async () => {
    const record = { headers: { 'x-spam-score': ['9'] }, message: { 'message.spamScore': 2.5 } };
    expect(await answer(is('message.spamScore', 2.5), record)).toBe('matched');
    expect(await answer(is('message.spamScore', 0, 'greaterThan'), { headers: record.headers })).toBe('notMatched');
    expect(await answer(is('message.spamScore', 7), record, [{ type: 'setSpamScore', score: 7 }])).toBe('matched');
    const removed: Action = { type: 'removeHeader', name: 'X-Spam-Score' };
    expect(await answer(is('message.spamScore', true, 'exists'), record, [removed])).toBe('notMatched');
    const written: Action = { type: 'setHeader', name: 'X-Spam-Status', value: 'Yes, score=12.3 required=5.0' };
    expect(await answer(is('message.spamScore', 12.3), record, [written])).toBe('matched');
  });

  it.each([
    [-1, '-1', '-1'],
    [5.4, '5.4', '5'],
    [15, '15', '9'],
    [-20, '-20', '-1'],
  ])('%p is written as filters and Exchange read it', async (score, written, level) => {
    expect(await editsOf({ type: 'setSpamScore', score })).toEqual([
      { type: 'setHeader', name: 'X-Spam-Score', value: written },
      { type: 'setHeader', name: 'X-MS-Exchange-Organization-SCL', value: level },
      { type: 'removeHeader', name: 'X-Spam-Status' },
    ]);
  });

  it('is the first one that a rule writes', async () => {
    const set = (score: number): readonly Action[] => [{ type: 'setSpamScore', score }];
    expect(await overruledIn(set(5), set(6), set(5))).toEqual([[], ['/actions/0'], []]);
  });
});

describe('the importance that a rule sets', () => {
  it.each(['low', 'normal', 'high'] as const)(
    'is %s for later rules, whatever the message said',
    async (importance) => {
      const message = { 'message.importance': 'normal' };
      const headers = { 'x-priority': ['2'], priority: ['urgent'] };
      const before: Action = { type: 'setImportance', importance };
      expect(await answer(is('message.importance', importance), { message, headers }, [before])).toBe('matched');
      expect(await answer(is('message.importance', importance, 'notEqual'), { message, headers }, [before])).toBe(
        'notMatched',
      );
    },
  );

  it('is written in each field that programs read it from, all of them or none', async () => {
    expect(await editsOf({ type: 'setImportance', importance: 'high' })).toEqual([
      { type: 'setHeader', name: 'Importance', value: 'high' },
      { type: 'setHeader', name: 'X-Priority', value: '1' },
      { type: 'removeHeader', name: 'X-MSMail-Priority' },
      { type: 'removeHeader', name: 'Priority' },
    ]);
    const low: Action = { type: 'setHeader', name: 'x-priority', value: '5' };
    expect(await editsOf(low, { type: 'setImportance', importance: 'high' })).toEqual([low]);
    expect(await overruledIn([low], [{ type: 'setImportance', importance: 'high' }])).toEqual([[], ['/actions/0']]);
  });
});

describe('a subject that a rule replaces', () => {
  const replace = (text: string): Action => ({ type: 'replaceSubject', text });
  const tag: Action = { type: 'prependSubject', text: '[x] ' };
  const subjectOf = async (rules: readonly (readonly Action[])[], subject: unknown = 'Figures'): Promise<unknown> => {
    const verdict = await judge(
      rules.map((actions) => ({ actions })),
      recordOf([ANN], { message: { subject: subject as string } }),
    );
    const [branch] = verdict.branches;
    const edit = branch?.edits.find(({ type }) => type === 'setSubject');
    if (branch?.ending.type === 'hold') return branch.ending.code;
    return edit !== undefined && 'text' in edit ? edit.text : undefined;
  };

  it.each<[string, readonly (readonly Action[])[], unknown]>([
    ['takes the place of the received one', [[replace('Ticket')]], 'Ticket'],
    ['may hold the received one', [[replace('Ticket: {{subject}}')]], 'Ticket: Figures'],
    ['stands behind what a later rule puts before it', [[replace('Ticket')], [tag]], '[x] Ticket'],
    ['stands behind what an earlier rule put before it', [[tag], [replace('Ticket')]], '[x] Ticket'],
    ['stands behind what the same rule puts before it', [[tag, replace('Ticket')]], '[x] Ticket'],
    ['holds no text before it twice', [[tag], [replace('{{subject}}!')]], '[x] Figures!'],
    ['is that of the first rule', [[replace('One')], [tag], [replace('Two')]], '[x] One'],
  ])('%s', async (_name, rules, expected) => {
    expect(await subjectOf(rules)).toBe(expected);
  });

  it('contradicts another one', async () => {
    expect(await overruledIn([replace('One')], [replace('Two')], [replace('One')])).toEqual([[], ['/actions/0'], []]);
  });

  it('is read by later rules', async () => {
    expect(await answer(is('subject', 'Ticket'), {}, [replace('Ticket')])).toBe('matched');
    expect(await answer(is('subject', 'Figures'), {}, [replace('Ticket')])).toBe('notMatched');
  });

  it('need not be readable, unless its text holds it', async () => {
    const error = { errorCode: 'ERR_CHARSET_UNKNOWN' };
    expect(await subjectOf([[replace('Ticket')]], error)).toBe('Ticket');
    expect(await subjectOf([[replace('{{subject}}')]], error)).toBe('ERR_CHARSET_UNKNOWN');
  });
});
