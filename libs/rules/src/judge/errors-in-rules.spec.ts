import { ANN, BOB, branchesOf, DORA, ENCRYPT, judge, LEGAL, outcomesOf, recordOf, TAG } from '../fakes/samples.js';
import type { Condition } from '../types.js';

const AWAY: Condition = { fact: 'body', operator: 'containsText', value: 'x' };
const away = { message: { body: { errorCode: 'ERR_AWAY' } } };
const isFor = (address: string): Condition => ({ fact: 'recipient.address', operator: 'equal', value: address });
const outside: Condition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };

describe('errors', () => {
  it('hold whom they leave undecided, and nobody else', async () => {
    const rule = { conditions: { all: [outside, AWAY] }, actions: [ENCRYPT] };
    const verdict = await judge([rule, { actions: [TAG] }], recordOf([ANN, DORA], away));
    expect(outcomesOf(verdict)).toEqual(['failed ERR_AWAY, notMatched', 'skipped held, matched']);
    expect(verdict.branches[0]?.ending).toEqual({ type: 'hold', rule: 'r0', code: 'ERR_AWAY' });
    expect(verdict.rules[0]).toMatchObject({ outcome: 'failed', reason: 'ERR_AWAY' });
  });

  it.each<[string, Condition]>([
    ['not', { not: AWAY }],
    ['not in not', { not: { not: AWAY } }],
    ['a negative operator', { fact: 'body', operator: 'notEqual', value: 'x' }],
    ['not: before an operator', { fact: 'body', operator: 'not:containsText', value: 'x' }],
    ['not of all', { not: { all: [outside, AWAY] } }],
  ])('guarantees that %s never turns an error into a match', async (_name, conditions) => {
    const rule = { conditions, actions: [{ type: 'delete' }] } as const;
    expect(outcomesOf(await judge([rule], recordOf([ANN], away)))).toEqual(['failed ERR_AWAY']);
    expect(
      outcomesOf(await judge([{ ...rule, conditions: { all: [] }, exceptions: conditions }], recordOf([ANN], away))),
    ).toEqual(['failed ERR_AWAY']);
  });

  it('skip where the rule says so, loudly', async () => {
    const verdict = await judge(
      [{ conditions: AWAY, actions: [TAG], onError: 'skip' }, { actions: [ENCRYPT] }],
      recordOf([ANN], away),
    );
    expect(outcomesOf(verdict)).toEqual(['failed ERR_AWAY', 'matched']);
    expect(branchesOf(verdict)).toEqual([['ann', 'deliver', '', 'auto']]);
  });

  it('guarantees that for whom a person released unprotected a failed rule counts as not matched, and the others hold', async () => {
    const failing = { conditions: { all: [outside, AWAY] }, actions: [ENCRYPT], stopProcessing: true };
    const record = recordOf([{ address: ANN, isUnprotected: true }, BOB], away);
    const verdict = await judge([failing, { actions: [TAG] }, { actions: [{ type: 'delete' }] }], record);
    expect(outcomesOf(verdict)).toEqual([
      'failed ERR_AWAY, failed ERR_AWAY',
      'matched, skipped held',
      'matched, skipped held',
    ]);
    expect(branchesOf(verdict)).toEqual([
      ['ann', 'delete', 'X-Tag', 'none'],
      ['bob', 'hold', '', 'none'],
    ]);
  });

  it('guarantees that whom a rule adds for a released recipient is held by the failed rule until released itself', async () => {
    const rules = [
      { conditions: AWAY, actions: [ENCRYPT] },
      { actions: [{ type: 'bcc', addresses: [LEGAL] }] as const },
    ];
    const record = recordOf([{ address: ANN, isUnprotected: true }], away);
    expect(branchesOf(await judge(rules, record))).toEqual([
      ['ann', 'deliver', '', 'none'],
      ['legal', 'hold', '', 'none'],
    ]);
    expect(branchesOf(await judge(rules, { ...record, unprotectedAdded: [LEGAL] }))).toEqual([
      ['ann legal', 'deliver', '', 'none'],
    ]);
  });

  it('of a rule in audit mode hold nobody', async () => {
    const verdict = await judge([{ conditions: AWAY, actions: [ENCRYPT], mode: 'audit' }], recordOf([ANN], away));
    expect(outcomesOf(verdict)).toEqual(['failed ERR_AWAY']);
    expect(verdict.branches[0]?.ending.type).toBe('deliver');
  });

  it('with allRecipients leave everybody undecided whom the rule may or may not reach', async () => {
    const rule = { appliesTo: 'allRecipients', actions: [ENCRYPT] } as const;
    const outcomes = async (conditions: Condition) =>
      outcomesOf(await judge([{ ...rule, conditions }], recordOf([ANN, DORA], away)));
    expect(await outcomes({ all: [outside, AWAY] })).toEqual(['failed ERR_AWAY, failed ERR_AWAY']);
    expect(await outcomes({ any: [{ all: [isFor(DORA), AWAY] }, outside] })).toEqual(['matched, matched']);
  });

  it('of a fact that is not of its type are errors, never guesses', async () => {
    const record = recordOf([ANN], { message: { 'message.sizeBytes': '10' } });
    const rule = { conditions: { fact: 'message.sizeBytes', operator: 'lessThan', value: 5 }, actions: [TAG] };
    expect(outcomesOf(await judge([rule], record))).toEqual(['failed ERR_FACT_INVALID']);
  });

  it('come when the time budget is spent, for every rule that it does not reach', async () => {
    let now = 0;
    const rules = ['fi', 'fig', 'x', 'figu', 'figur'].map((value) => ({
      conditions: { fact: 'subject', operator: 'startsWith', value },
      actions: [TAG],
      onError: 'skip' as const,
    }));
    const verdict = await judge(rules, recordOf([ANN]), { budgetMs: 4, now: () => now++ });
    expect(outcomesOf(verdict)).toEqual([
      'matched',
      'matched',
      // Nothing in the message meets it, so that it takes no time.
      'notMatched',
      'failed ERR_JUDGE_BUDGET',
      'failed ERR_JUDGE_BUDGET',
    ]);
  });
});
