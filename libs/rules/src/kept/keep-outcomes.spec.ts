import { ANN, BOB, judge, recordOf, ruleOf } from '../fakes/samples.js';
import type { Condition, Rule } from '../types.js';
import { restoreOutcomes } from './restore-outcomes.js';

const isFor = (...addresses: readonly string[]): Condition => ({
  fact: 'recipient.address',
  operator: 'in',
  value: addresses,
});
const all = { first: 0, count: 10_000 };

describe('kept outcomes', () => {
  it('are little: rules that matched for nobody take nothing', async () => {
    const nothing: Partial<Rule> = { conditions: { fact: 'subject', operator: 'containsWords', value: 'never' } };
    const rules = Array.from({ length: 500 }, (_, n): Partial<Rule> => (n === 400 ? {} : nothing));
    const { kept } = await judge(rules, recordOf([ANN, BOB]));
    expect(kept).toEqual({ people: [ANN, BOB], says: ['matched'], rows: ['0'], rules: [[400, 0]] });
  });

  it('say where rules ended, which rules were not in force, and who was added', async () => {
    const rules: Partial<Rule>[] = [
      { enabled: false },
      { actions: [{ type: 'bcc', addresses: ['archive@example.com'] }] },
      { conditions: isFor(BOB), actions: [{ type: 'quarantine' }] },
      { exceptions: isFor(ANN) },
    ];
    const record = recordOf([ANN, BOB]);
    const verdict = await judge(rules, record);
    const ofEach = restoreOutcomes({ rules: rulesOf(rules) }, verdict.kept, record.receivedAt, all).map(
      ({ recipients }) => recipients.map(({ outcome, reason }) => reason ?? outcome),
    );
    expect(ofEach).toEqual([
      ['disabled', 'disabled', 'disabled'],
      ['matched', 'matched', 'added'],
      ['notMatched', 'matched', 'notMatched'],
      ['excepted', 'parked', 'added'],
    ]);
  });

  it('give the rules that matched or failed without the others', async () => {
    const rules: Partial<Rule>[] = [
      { conditions: isFor(BOB) },
      { conditions: isFor('nobody@example.com') },
      { exceptions: isFor(ANN) },
    ];
    const record = recordOf([ANN]);
    const { kept } = await judge([...rules, {}], record);
    const told = restoreOutcomes({ rules: rulesOf([...rules, {}]) }, kept, record.receivedAt, 'telling');
    expect(told.map(({ index, outcome }) => [index, outcome])).toEqual([[3, 'matched']]);
  });

  it('guarantees that they stay small, whatever matches for whom, and say from where on there was too much', async () => {
    const people = Array.from({ length: 600 }, (_, n) => `r${n}@customer.example`);
    const rules = people.map((address): Partial<Rule> => ({ conditions: isFor(address) }));
    const record = recordOf(people);
    const verdict = await judge(rules, record);
    expect(JSON.stringify(verdict.kept).length).toBeLessThan(200_000);
    const { cutAt = 0 } = verdict.kept;
    expect(cutAt).toBeGreaterThan(400);
    const restored = restoreOutcomes({ rules: rulesOf(rules) }, verdict.kept, record.receivedAt, all);
    expect(restored.map(({ index }) => index)).toEqual(people.slice(0, cutAt).map((_, n) => n));
    for (const rule of restored) expect(rule.recipients).toEqual(verdict.rules[rule.index]?.recipients);
  });
});

function rulesOf(rules: readonly Partial<Rule>[]): readonly Rule[] {
  return rules.map((rule, n) => ruleOf({ id: `rule-${n}`, priority: n, ...rule }));
}
