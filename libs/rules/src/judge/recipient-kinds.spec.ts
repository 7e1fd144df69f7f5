import { compileRuleSet } from '../compile/compile-rule-set.js';
import { ANN, BOB, DORA, judge, outcomesOf, recordOf, ruleOf, SETTINGS, TAG } from '../fakes/samples.js';
import type { Condition, LeafCondition } from '../types.js';
import { Answers } from './answers.js';
import { branchesOf } from './branch.js';
import { Budget } from './budget.js';
import { evaluate } from './evaluate.js';
import { Looks } from './look.js';
import { People } from './person.js';

const CARL = 'carl@customer.example';
const outside: LeafCondition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };
const inTo: LeafCondition = { fact: 'recipient.in', operator: 'equal', value: 'to' };
const isFor = (address: string): LeafCondition => ({ fact: 'recipient.address', operator: 'equal', value: address });

function setUp(conditions: Condition, addresses: readonly string[]) {
  const record = recordOf(addresses);
  const compiled = compileRuleSet({ rules: [ruleOf({ conditions }), ruleOf({ conditions })], settings: SETTINGS });
  const answers = new Answers(compiled, record, new Budget(1, () => 0));
  const looks = new Looks();
  const people = new People(record, looks.received, () => -1);
  return { answers, looks, people: people.all, trees: compiled.rules.map((rule) => rule.conditions) };
}

describe('the recipients of a branch', () => {
  it.each<[string, Condition, readonly string[]]>([
    ['one, where nothing is asked of them', { fact: 'body', operator: 'exists' }, [ANN]],
    ['one of each scope', outside, [ANN, DORA]],
    ['each of them, where their address is asked', { any: [outside, isFor(ANN)] }, [ANN, BOB, DORA, CARL]],
  ])('stand for the others: %s', (_name, conditions, expected) => {
    const { answers, people, trees } = setUp(conditions, [ANN, BOB, DORA, CARL]);
    const [branch] = branchesOf(people, answers.kinds);
    const examples = branch?.examples(trees[0]!.recipientFacts) ?? [];
    expect(examples.map(({ person }) => person.address)).toEqual(expected);
    expect(trees[0]!.recipientFacts).toBe(trees[1]!.recipientFacts);
  });

  it('are of another kind where a rule has written what is asked of them', () => {
    const { answers, looks, people, trees } = setUp(inTo, [ANN]);
    const ann = { ...people[0]!, in: 'bcc' as const };
    const edits = [{ type: 'addAddress', field: 'to', address: ANN }] as const;
    const shown = looks.of({ edits, added: [], removed: [], protection: null });
    const kindOf = (look: typeof shown) => answers.kinds.of(trees[0]!.recipientFacts, { person: ann, look });
    expect(kindOf(looks.received)).not.toBe(kindOf(shown));
    expect(kindOf(shown)).toBe(kindOf(shown));
  });
});

describe('many recipients', () => {
  const crowd = Array.from({ length: 200 }, (_, n) => `p${n}@customer.example`);

  it('guarantee that what does not differ between them is worked out once', async () => {
    const conditions = { all: [{ fact: 'body', operator: 'containsWords', value: 'figures' }, { not: inTo }, outside] };
    const rules = [conditions, { not: conditions }].map((one, n) =>
      ruleOf({ id: `r${n}`, priority: n, conditions: one }),
    );
    const compiled = compileRuleSet({ rules, settings: SETTINGS });
    const timesFor = async (addresses: readonly string[]): Promise<number> => {
      let times = 0;
      await evaluate(compiled, recordOf(addresses), { isExplained: false, budgetMs: 1, now: () => 0 * times++ });
      return times;
    };
    expect(await timesFor(crowd)).toBe(await timesFor(crowd.slice(0, 1)));
  });

  it('get each their own text where a rule names them, and the same one where it does not', async () => {
    const named = { actions: [{ type: 'setHeader', name: 'X-For', value: '{{recipient.address}}' }] as const };
    const { branches } = await judge([named], recordOf([ANN, BOB]));
    expect(branches.map(({ edits }) => edits)).toEqual(
      [ANN, BOB].map((value) => [{ type: 'setHeader', name: 'X-For', value }]),
    );
    const verdict = await judge([{ actions: [TAG] }, { conditions: isFor('p7@customer.example') }], recordOf(crowd));
    expect(verdict.branches.map(({ recipients }) => recipients.length)).toEqual([200]);
    expect(verdict.rules[1]?.recipients.filter(({ outcome }) => outcome === 'matched')).toHaveLength(1);
  });

  it('are each told of by a rule that is for nobody', async () => {
    const verdict = await judge([{ conditions: { not: { fact: 'body', operator: 'exists' } } }], recordOf([ANN, BOB]));
    expect(outcomesOf(verdict)).toEqual(['notMatched, notMatched']);
    expect(verdict.rules[0]?.unmet).toBeUndefined();
  });
});
