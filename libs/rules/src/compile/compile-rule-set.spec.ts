import { jest } from '@jest/globals';
import { RE2JS } from 're2js';
import { ANN, recordOf, ruleOf, SETTINGS } from '../fakes/samples.js';
import { evaluate } from '../judge/evaluate.js';
import { TextForms } from '../judge/text-forms.js';
import { validateRuleSet } from '../save/validate-rule-set.js';
import type { Condition, Rule, RuleSetContent } from '../types.js';
import { addedAddresses, compileInSteps, compileRuleSet } from './compile-rule-set.js';
import { hashRuleSet } from './hash-rule-set.js';

const compile = (...rules: readonly Rule[]) => compileRuleSet({ rules, settings: SETTINGS });

describe('a compiled rule set', () => {
  it('has the hash of its content', () => {
    const content = { rules: [ruleOf({ id: 'a' })], settings: SETTINGS };
    expect(compileRuleSet(content).hash).toBe(hashRuleSet(content));
  });

  it('guarantees that a large one is compiled in steps, each of which does little', async () => {
    const rules = Array.from({ length: 2_000 }, (_, n) =>
      ruleOf({ id: `r${n}`, conditions: { fact: 'subject', operator: 'containsText', value: `needle number ${n}` } }),
    );
    const steps = compileInSteps({ rules, settings: SETTINGS }, 'a name');
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count += 1;
    // Each rule is read, compiled, and put into the prefilter, with what it looks for; the table takes some steps more.
    expect(count).toBeGreaterThan(4 * rules.length);
    const record = recordOf([ANN], { message: { subject: 'Needle number 1234' } });
    const verdict = await evaluate(step.value, record, { isExplained: false });
    expect([verdict.ruleSet, verdict.rules.map(({ id }) => id)]).toEqual(['a name', ['r1', 'r12', 'r123', 'r1234']]);
  });

  it.each<[string, Partial<Rule>]>([
    ['an unknown fact', { conditions: { fact: 'x', operator: 'equal', value: 'x' } }],
    ['a pattern that does not compile', { conditions: { fact: 'subject', operator: 'matches', value: '(' } }],
    ['no action', { actions: [] }],
    ['a protected header', { actions: [{ type: 'removeHeader', name: 'Received' }] }],
    ['a rule that is off', { enabled: false, conditions: { any: [] } }],
  ])('guarantees that nothing is judged by a rule that the language refuses: %s', (_name, rule) => {
    expect(() => compile(ruleOf({ id: 'good' }), ruleOf({ id: 'bad', ...rule }))).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_SET_INVALID', kind: 'invalid', detail: { problems: 1 } }),
    );
  });

  it('goes through named conditions, with a path that says so', () => {
    const leaf = (value: string): Condition => ({ fact: 'subject', operator: 'equal', value });
    const { rules } = compileRuleSet({
      rules: [
        ruleOf({
          conditions: { all: [{ condition: 'a' }, { not: { condition: 'b' } }] },
          exceptions: { condition: 'c' },
        }),
      ],
      settings: SETTINGS,
      conditions: { a: { any: [leaf('1'), { condition: 'b' }] }, b: leaf('2'), c: { condition: 'b' } },
    });
    const [rule] = rules;
    expect(rule?.conditions.leaves.map(({ path }) => path)).toEqual([
      '/conditions/all/0/condition/any/0',
      '/conditions/all/0/condition/any/1/condition',
      '/conditions/all/1/not/condition',
    ]);
    expect(rule?.conditions).toMatchObject({ needed: [], barred: [2] });
    expect(rule?.exceptions?.leaves.map(({ path }) => path)).toEqual(['/exceptions/condition/condition']);
  });

  it.each<[string, Readonly<Record<string, Condition>>, Partial<Rule>]>([
    ['leads back to itself', { a: { not: { condition: 'b' } }, b: { condition: 'a' } }, {}],
    ['does not stand there', {}, { conditions: { condition: 'a' } }],
    ['is not valid', { a: { fact: 'x', operator: 'equal', value: 'x' } }, {}],
    ['has a name that none can have', { 'a/b': { all: [] } }, {}],
  ])('guarantees that nothing is judged by a named condition that %s', (_name, conditions, rule) => {
    expect(() => compileRuleSet({ rules: [ruleOf(rule)], settings: SETTINGS, conditions })).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_SET_INVALID' }),
    );
  });

  it('guarantees that a few lines which name many conditions in many rules are refused before they are written out', () => {
    const any = Array.from({ length: 2_000 }, () => ({ fact: 'subject', operator: 'exists' }));
    const rules = Array.from({ length: 251 }, (_, n) => ruleOf({ id: `r${n}`, conditions: { condition: 'many' } }));
    const content = (count: number): RuleSetContent => ({
      rules: rules.slice(0, count),
      settings: SETTINGS,
      conditions: { many: { any } },
    });
    expect(validateRuleSet(content(249))).toEqual([]);
    expect(validateRuleSet(content(250))).toEqual([
      expect.objectContaining({ pointer: '/rules', code: 'ERR_RULE_TOO_LARGE' }),
    ]);
    expect(() => compileRuleSet(content(251))).toThrow(expect.objectContaining({ code: 'ERR_RULE_SET_INVALID' }));
  });

  it('has equal leaves once', () => {
    const words = { fact: 'subject', operator: 'containsWords', value: ['a', 'b'] };
    const leaf = { ...words, params: { caseSensitive: true } };
    const { rules } = compile(
      ruleOf({ id: 'a', conditions: { all: [words, leaf] } }),
      ruleOf({ id: 'b', conditions: { not: { any: [structuredClone(words)] } }, exceptions: leaf }),
    );
    const leaves = rules.flatMap(({ conditions, exceptions }) => [...conditions.leaves, ...(exceptions?.leaves ?? [])]);
    expect(leaves.map(({ leaf: one }) => one.id)).toEqual([0, 1, 0, 1]);
    expect(new Set(leaves.map(({ leaf: one }) => one)).size).toBe(2);
  });

  it('knows where each leaf is written, and which ones the tree cannot be true without', () => {
    const leaf = (value: string) => ({ fact: 'subject', operator: 'equal', value });
    const conditions = { all: [leaf('a'), { all: [leaf('b')] }, { any: [leaf('c')] }, { not: leaf('d') }] };
    const [rule] = compile(ruleOf({ id: 'a', conditions })).rules;
    expect(rule?.conditions.leaves.map(({ path, isUnderNot }) => [path, isUnderNot])).toEqual([
      ['/conditions/all/0', false],
      ['/conditions/all/1/all/0', false],
      ['/conditions/all/2/any/0', false],
      ['/conditions/all/3/not', true],
    ]);
    expect(rule?.conditions.needed).toEqual([0, 1]);
    expect(rule?.conditions.barred).toEqual([3]);
  });

  it('guarantees that patterns that take too long together are errors of their conditions, and others stay', () => {
    const rules = Array.from({ length: 400 }, (_, n) =>
      ruleOf({
        id: `r${n}`,
        conditions: { fact: 'subject', operator: 'matches', value: `[${'\\p{L}'.repeat(100)}]${n}` },
      }),
    );
    const stand = RE2JS.compile('é0');
    const made = jest.spyOn(RE2JS, 'compile').mockReturnValue(stand);
    const compiled = compile(...rules);
    const count = made.mock.calls.length;
    made.mockRestore();
    expect(count).toBeLessThan(200);
    const asked = compiled.rules.map(({ conditions }) =>
      conditions.leaves[0]?.leaf.targets[0]?.('é0 é399', new TextForms()),
    );
    expect(asked[0]).toEqual({ evidence: 'é0' });
    expect(asked[399]).toEqual({ errorCode: 'ERR_PATTERN_LIMIT' });
  });
});

describe('the addresses that rules add', () => {
  it('are those of enforced rules that are on, each once, in normal form', () => {
    const rules = [
      ruleOf({
        id: 'a',
        actions: [{ type: 'addRecipient', addresses: ['Ann@Example.com', 'bob@example.com'], as: 'cc' }],
      }),
      ruleOf({ id: 'b', actions: [{ type: 'redirect', addresses: ['ann@example.com'] }, { type: 'stop' }] }),
      ruleOf({ id: 'c', actions: [{ type: 'bcc', addresses: ['x@bücher.example'] }] }),
      ruleOf({ id: 'd', enabled: false, actions: [{ type: 'bcc', addresses: ['off@example.com'] }] }),
      ruleOf({ id: 'e', mode: 'audit', actions: [{ type: 'bcc', addresses: ['audit@example.com'] }] }),
    ];
    expect(addedAddresses({ rules, settings: SETTINGS })).toEqual([
      'ann@example.com',
      'bob@example.com',
      'x@xn--bcher-kva.example',
    ]);
  });
});
