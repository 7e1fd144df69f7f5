import { compileRuleSet } from '../compile/compile-rule-set.js';
import { ANN, BOB, DORA, ENCRYPT, judge, recordOf, ruleOf, SETTINGS, TAG } from '../fakes/samples.js';
import type { Condition, Rule } from '../types.js';
import { evaluate } from './evaluate.js';

const TAGGED: Condition = { fact: 'header', operator: 'equal', value: '1', params: { name: 'x-tag' } };
const AWAY: Condition = { fact: 'body', operator: 'containsText', value: 'x' };
const away = { message: { body: { errorCode: 'ERR_AWAY' } } };
const isFor = (address: string): Condition => ({ fact: 'recipient.address', operator: 'equal', value: address });
const outside: Condition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };

describe('a verdict', () => {
  it('has every rule for every recipient, and each recipient in one branch', async () => {
    const rules: Partial<Rule>[] = [
      { enabled: false },
      { conditions: isFor(ANN), actions: [{ type: 'stop' }] },
      { conditions: isFor(BOB) },
    ];
    const verdict = await judge(rules, recordOf([ANN, BOB, ANN]));
    expect(verdict.rules.map(({ id, index, name, mode }) => [id, index, name, mode])).toEqual([
      ['r0', 0, 'Rule 0', 'enforce'],
      ['r1', 1, 'Rule 1', 'enforce'],
      ['r2', 2, 'Rule 2', 'enforce'],
    ]);
    for (const { recipients } of verdict.rules) expect(recipients.map(({ address }) => address)).toEqual([ANN, BOB]);
    expect(verdict.branches.flatMap(({ recipients }) => recipients.map(({ address }) => address))).toEqual([ANN, BOB]);
    expect(verdict.ruleSet).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is of the message what it is of the recipient who tells most', async () => {
    const outcome = async (...rules: readonly Partial<Rule>[]) =>
      (await judge(rules, recordOf([ANN, BOB]))).rules.at(-1)?.outcome;
    const stopBob = { conditions: isFor(BOB), actions: [{ type: 'stop' }] } as const;
    expect(await outcome({ conditions: isFor(ANN) })).toBe('matched');
    expect(await outcome({ conditions: outside, exceptions: outside })).toBe('excepted');
    expect(await outcome(stopBob, { conditions: isFor(BOB) })).toBe('skipped');
    expect(await outcome({ conditions: isFor(DORA) })).toBe('notMatched');
  });

  it('is why: each condition of the message once, each of a recipient once for each', async () => {
    const rule: Partial<Rule> = {
      conditions: { all: [{ fact: 'body', operator: 'containsWords', value: ['secret', 'top'] }, { not: isFor(BOB) }] },
      exceptions: { any: [{ fact: 'subject', operator: 'containsWords', value: 'public' }] },
    };
    const [told] = (await judge([rule], recordOf([ANN, BOB]))).rules;
    const address = { path: '/conditions/all/1/not', fact: 'recipient.address', operator: 'equal' };
    expect(told?.why).toEqual([
      { path: '/conditions/all/0', fact: 'body', operator: 'containsWords', matched: true, evidence: ['secret'] },
      { ...address, recipient: ANN, matched: false, evidence: [] },
      { ...address, recipient: BOB, matched: true, evidence: [BOB] },
      { path: '/exceptions/any/0', fact: 'subject', operator: 'containsWords', matched: false, evidence: [] },
    ]);
  });

  it('is why also where nothing was to be decided any more', async () => {
    const no: Condition = { fact: 'subject', operator: 'equal', value: 'x' };
    const [told] = (await judge([{ conditions: { all: [no, no, AWAY] } }], recordOf([ANN], away))).rules;
    expect(told?.why.map(({ matched, errorCode }) => errorCode ?? matched)).toEqual([false, false, 'ERR_AWAY']);
  });

  it('is of a condition that branches see differently where it was true', async () => {
    const rules = [
      { conditions: isFor(BOB), actions: [TAG] },
      { conditions: TAGGED, actions: [ENCRYPT] },
    ];
    const told = (await judge(rules, recordOf([ANN, BOB]))).rules[1];
    expect(told?.why).toEqual([
      { path: '/conditions', fact: 'header', operator: 'equal', matched: true, evidence: ['1'] },
    ]);
  });

  it('is not more than anybody can hold', async () => {
    const people = Array.from({ length: 600 }, (_, n) => `a${n}@customer.example`);
    const conditions = { any: Array.from({ length: 200 }, () => isFor(ANN)) };
    const verdict = await judge([{ conditions }], recordOf(people));
    expect(verdict.rules[0]?.why).toHaveLength(100_000);
    expect(verdict.rules[0]?.recipients).toHaveLength(600);
  });

  it('tells of the rules of a range alone where no more was asked for, and whatever the range judges by all', async () => {
    const rules = [{ conditions: isFor(BOB), actions: [TAG] }, { conditions: isFor(DORA) }, { conditions: TAGGED }, {}];
    const compiled = compileRuleSet({
      rules: rules.map((rule, n) => ruleOf({ id: `r${n}`, priority: n, ...rule })),
      settings: SETTINGS,
    });
    const record = recordOf([ANN, BOB]);
    const whole = await evaluate(compiled, record);
    const told = async (first: number, count: number): Promise<readonly number[]> => {
      const verdict = await evaluate(compiled, record, { isExplained: { first, count } });
      expect(verdict).toEqual({
        ...whole,
        rules: whole.rules.filter(({ index }) => verdict.rules.some((one) => one.index === index)),
      });
      return verdict.rules.map(({ index }) => index);
    };
    expect(await told(1, 2)).toEqual([1, 2]);
    expect(await told(2, 50)).toEqual([2, 3]);
    expect(await told(4, 50)).toEqual([]);
    expect(await told(0, 0)).toEqual([]);
  });

  it('is an audit, once for each rule', async () => {
    const rules: Partial<Rule>[] = [
      { conditions: outside, actions: [{ type: 'audit', severity: 'low' }, TAG] },
      { actions: [{ type: 'audit', severity: 'high' }] },
      { actions: [TAG] },
    ];
    expect((await judge(rules, recordOf([DORA, ANN, BOB]))).audits).toEqual([
      { rule: 'r0', severity: 'low', recipients: [ANN, BOB], mode: 'enforce' },
      { rule: 'r1', severity: 'high', recipients: [DORA, ANN, BOB], mode: 'enforce' },
    ]);
  });

  it('is plain data', async () => {
    const verdict = await judge([{ actions: [ENCRYPT, TAG] }], recordOf([ANN]));
    expect(structuredClone(verdict)).toEqual(verdict);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });
});
