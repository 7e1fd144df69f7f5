import { bounded } from '../../../../test/support/bounded.js';
import type { Condition } from '../types.js';
import type { RuleContext } from './rule-context.js';
import { validateCondition } from './validate-condition.js';
import { validateRule } from './validate-rule.js';

const LEAF: Condition = { fact: 'subject', operator: 'equal', value: 'x' };
const named = (name: string): Condition => ({ condition: name });

function shortOf(result: object): readonly string[] {
  const problems = 'problems' in result ? (result.problems as { pointer: string; code: string }[]) : [];
  return problems.map(({ pointer, code }) => `${pointer} ${code}`);
}
const condition = (name: unknown, input: unknown, context?: RuleContext): readonly string[] =>
  shortOf(validateCondition(name, input, context));
const rule = (conditions: unknown, context?: RuleContext, more = {}): readonly string[] =>
  shortOf(validateRule({ name: 'x', actions: [{ type: 'stop' }], conditions, ...more }, context));

/** `n0` stands for a leaf, and each of the others for the one before it, as often as `times` says. */
function chain(length: number, times = 1): Readonly<Record<string, Condition>> {
  const entries = Array.from({ length }, (_, n): readonly [string, Condition] => [
    `n${n}`,
    n === 0
      ? LEAF
      : times === 1
        ? named(`n${n - 1}`)
        : { any: Array.from({ length: times }, () => named(`n${n - 1}`)) },
  ]);
  return Object.fromEntries(entries);
}

describe('named conditions', () => {
  it('are read like those of a rule, with pointers from themselves', () => {
    expect(validateCondition('insiders', { all: [LEAF, { not: LEAF }] })).toEqual({
      condition: { all: [LEAF, { not: LEAF }] },
    });
    expect(condition('x', { all: [LEAF, { fact: 'nothing', operator: 'equal', value: 'x' }] })).toEqual([
      '/all/1/fact ERR_FACT_UNKNOWN',
    ]);
    expect(condition('x', [])).toEqual([' ERR_CONDITION_INVALID']);
    expect(condition('x', { condition: 'y', value: 1 }, { conditions: { y: LEAF } })).toEqual([
      '/value ERR_PROPERTY_UNKNOWN',
    ]);
  });

  it.each(['a', 'A b_c.d-e', '7', 'constructor', 'x'.repeat(100)])('may be called %j', (name) => {
    expect(condition(name, LEAF)).toEqual([]);
    expect(rule(named(name), { conditions: { [name]: LEAF } })).toEqual([]);
    expect(rule(named(name))).toEqual(['/conditions/condition ERR_CONDITION_UNKNOWN']);
  });

  it.each(['', ' a', '_a', '__proto__', 'ä', 'a/b', 'a\n', 'x'.repeat(101), 7, null, ['a']])(
    'may not be called %j',
    (name) => {
      expect(condition(name, LEAF)).toEqual(['/name ERR_VALUE_INVALID']);
      expect(rule({ condition: name })).toEqual(['/conditions/condition ERR_VALUE_INVALID']);
    },
  );

  it('stand wherever a condition can, once they are there', () => {
    const context = { conditions: { inside: LEAF } };
    const tree = { all: [named('inside'), { not: named('inside') }, { any: [named('outside')] }] };
    expect(rule(tree, context, { exceptions: named('inside') })).toEqual([
      '/conditions/all/2/any/0/condition ERR_CONDITION_UNKNOWN',
    ]);
    expect(rule(LEAF, { conditions: { all: { all: [] } } }, { exceptions: named('all') })).toEqual([
      '/exceptions ERR_RULE_CONTRADICTORY',
    ]);
  });

  it('may not lead back to themselves', () => {
    expect(condition('a', { not: named('a') })).toEqual(['/not/condition ERR_CONDITION_CIRCULAR']);
    expect(condition('a', { any: [LEAF, named('b')] }, { conditions: { a: LEAF, b: { all: [named('a')] } } })).toEqual([
      '/any/1/condition ERR_CONDITION_CIRCULAR',
    ]);
    const circle = { a: named('b'), b: { any: [LEAF, named('c')] }, c: { not: named('a') }, d: named('c'), e: LEAF };
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(rule(named(name), { conditions: circle })).toEqual(['/conditions/condition ERR_CONDITION_CIRCULAR']);
    }
    expect(rule({ all: [named('e'), named('e')] }, { conditions: circle })).toEqual([]);
  });

  it('stand in each other 50 deep', () => {
    expect(rule(named('n49'), { conditions: chain(50) })).toEqual([]);
    expect(rule(named('n50'), { conditions: chain(51) })).toEqual(['/conditions/condition ERR_RULE_TOO_DEEP']);
    expect(condition('n49', named('n48'), { conditions: chain(49) })).toEqual([]);
    expect(condition('n50', named('n49'), { conditions: chain(50) })).toEqual([' ERR_RULE_TOO_DEEP']);
    expect(bounded(() => rule(named('n99999'), { conditions: chain(100_000) }))).toEqual([
      '/conditions/condition ERR_RULE_TOO_DEEP',
    ]);
  });

  it('count with all that they stand for: conditions, groups and levels', () => {
    const conditions = {
      half: { any: Array.from({ length: 1_000 }, () => LEAF) },
      deep: Array.from({ length: 33 }).reduce<Condition>((within) => ({ all: [within] }), LEAF),
      groups: { all: Array.from({ length: 1_333 }, () => ({ all: [] })) },
    };
    expect(rule(named('half'), { conditions }, { exceptions: named('half') })).toEqual([]);
    expect(rule({ all: [named('half'), LEAF] }, { conditions }, { exceptions: named('half') })).toEqual([
      '/conditions ERR_RULE_TOO_LARGE',
    ]);
    expect(rule({ all: [named('groups'), named('groups'), named('groups')] }, { conditions })).toEqual([
      '/conditions ERR_RULE_TOO_LARGE',
    ]);
    const under = (levels: number): Condition =>
      Array.from({ length: levels }).reduce<Condition>((within) => ({ not: within }), named('deep'));
    expect(rule(under(31), { conditions })).toEqual([]);
    expect(rule(under(32), { conditions })).toEqual(['/conditions ERR_RULE_TOO_DEEP']);
    expect(condition('whole', { all: [named('half'), named('half'), LEAF] }, { conditions })).toEqual([
      ' ERR_RULE_TOO_LARGE',
    ]);
  });

  it('guarantee that names which double each other 50 times are refused before anything is written out', () => {
    const conditions = chain(50, 2);
    expect(bounded(() => rule(named('n49'), { conditions }))).toEqual([
      '/conditions ERR_RULE_TOO_LARGE',
      '/conditions ERR_RULE_TOO_LARGE',
    ]);
    expect(bounded(() => condition('x', { any: [named('n49'), named('n49')] }, { conditions }))).toContain(
      ' ERR_RULE_TOO_LARGE',
    );
  });

  it('guarantee that what comes in under a name is refused as in a rule, however deep', () => {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { all: [deep] };
    expect(condition('x', deep)).toEqual([' ERR_RULE_TOO_DEEP']);
    expect(condition('x', { any: Array.from({ length: 10_000 }, () => LEAF) })).toEqual([' ERR_RULE_TOO_LARGE']);
  });
});
