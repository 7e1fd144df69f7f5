import { compileRuleSet } from '../compile/compile-rule-set.js';
import { ANN, BOB, judge, outcomesOf, recordOf, ruleOf, SETTINGS } from '../fakes/samples.js';
import type { Condition, FactRecord, LeafCondition } from '../types.js';
import { evaluate } from './evaluate.js';

const words = (value: unknown): LeafCondition => ({ fact: 'body', operator: 'containsWords', value });
const field = (name: string): LeafCondition => ({ fact: 'header', operator: 'exists', params: { name } });
const setting = (name: string, conditions: Condition = { all: [] }) => ({
  conditions,
  actions: [{ type: 'setHeader', name, value: '1' }] as const,
});
const away = { message: { body: { errorCode: 'ERR_AWAY' } } };

async function unmet(conditions: Condition, more: Partial<FactRecord> = {}): Promise<unknown> {
  const [rule] = (await judge([{ conditions }], recordOf([ANN], more))).rules;
  return rule?.unmet;
}

describe('a rule that is left out', () => {
  it('says which of its conditions would have to hold, and answers for each of them', async () => {
    const conditions = { all: [{ any: [words('gone'), field('X-Gone')] }, { not: words('secret') }] };
    const [rule] = (await judge([{ conditions }], recordOf([ANN]))).rules;
    expect(rule).toMatchObject({ outcome: 'notMatched', recipients: [{ address: ANN, outcome: 'notMatched' }] });
    expect(rule?.unmet).toEqual(['/conditions/all/0/any/0', '/conditions/all/0/any/1']);
    expect(rule?.why.map(({ path, matched }) => [path, matched])).toEqual([
      ['/conditions/all/0/any/0', false],
      ['/conditions/all/0/any/1', false],
      ['/conditions/all/1/not', true],
    ]);
  });

  it.each<[string, Condition, Partial<FactRecord>]>([
    ['its requirement is met', words('secret'), {}],
    ['it has none', { not: words('secret') }, {}],
    ['a fact of its requirement is in error', words('gone'), away],
    [
      'a field of its requirement cannot be read',
      field('X-Tag'),
      { unreadable: { fields: ['x-tag'], errorCode: 'ERR_X' } },
    ],
    ['characters that nobody sees stand in between', words('secret'), { message: { body: 'se\u200bcret' } }],
  ])('is none where %s', async (_name, conditions, more) => {
    expect(await unmet(conditions, more)).toBeUndefined();
  });

  it('is skipped for those for whom the rules have ended, and for no other reason', async () => {
    const stop = { conditions: { fact: 'recipient.address', operator: 'equal', value: ANN }, stopProcessing: true };
    const verdict = await judge(
      [{ conditions: words('gone') }, stop, { conditions: words('gone') }],
      recordOf([ANN, BOB]),
    );
    expect(outcomesOf(verdict)).toEqual([
      'notMatched, notMatched',
      'matched, notMatched',
      'skipped stopped, notMatched',
    ]);
  });
});

describe('candidates', () => {
  it('grow by what rules write, for those that come after', async () => {
    const rules = [setting('X-B', field('X-A')), setting('X-A'), setting('X-C', field('X-A'))];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomesOf(verdict)).toEqual(['notMatched', 'matched', 'matched']);
  });

  it('grow by whom rules add, for all', async () => {
    const ofLegal = { fact: 'recipient.address', operator: 'equal', value: 'legal@example.com' };
    const rules = [
      { conditions: ofLegal, actions: [{ type: 'quarantine' } as const] },
      { actions: [{ type: 'bcc', addresses: ['legal@example.com'] } as const] },
    ];
    expect(outcomesOf(await judge(rules, recordOf([ANN])))).toEqual(['notMatched, matched', 'matched, skipped parked']);
  });

  it('guarantee that a text is not searched again for what one pass over it did not find', async () => {
    const rules = Array.from({ length: 300 }, (_, n) => {
      // Without a requirement, so that each of them is asked.
      const conditions = { not: { all: [words([`lorem${n}`, 'dolor']), words('figures')] } };
      return ruleOf({ id: `r${n}`, priority: n, conditions });
    });
    const compiled = compileRuleSet({ rules, settings: SETTINGS });
    let times = 0;
    const options = { isExplained: false, budgetMs: 1, now: () => 0 * times++ };
    const { rules: told } = await evaluate(
      compiled,
      recordOf([ANN], { message: { body: 'Figures, xdolor.' } }),
      options,
    );
    expect(told.length).toBe(300);
    // The time is looked at once for each of 301 distinct conditions, and before each search: there is one, for `figures`.
    expect(times).toBe(1 + 301 + 1);
  });

  it('are all that a verdict without explanations tells of, where they matched or failed', async () => {
    const rules = [words('secret'), words('gone'), { not: words('secret') }].map((conditions, n) =>
      ruleOf({ id: `r${n}`, priority: n, conditions, onError: 'skip' }),
    );
    const compiled = compileRuleSet({ rules, settings: SETTINGS });
    const told = async (record: FactRecord): Promise<readonly string[]> =>
      (await evaluate(compiled, record, { isExplained: false })).rules.map(({ id, outcome }) => `${id} ${outcome}`);
    expect(await told(recordOf([ANN]))).toEqual(['r0 matched']);
    expect(await told(recordOf([ANN], away))).toEqual(['r0 failed', 'r1 failed', 'r2 failed']);
  });
});
