import { jest } from '@jest/globals';
import { RE2JS } from 're2js';
import { FACTS, isFactName, factSpec } from '../language/facts.js';
import { OPERATORS, operatorsFor } from '../language/operators.js';
import type { RuleProblem } from '../types.js';
import { validateRule } from './validate-rule.js';

function problemsOf(conditions: unknown, more: object = {}): readonly RuleProblem[] {
  const result = validateRule({ name: 'x', actions: [{ type: 'stop' }], conditions, ...more });
  return 'problems' in result ? result.problems : [];
}

function shortOf(conditions: unknown, more?: object): readonly string[] {
  return problemsOf(conditions, more).map(({ pointer, code }) => `${pointer} ${code}`);
}

const LEAF = { fact: 'subject', operator: 'equal', value: 'x' };

describe('conditions that can be saved', () => {
  it.each([
    ['nothing', { all: [] }],
    ['a leaf alone', LEAF],
    ['groups in each other', { any: [{ all: [LEAF, { not: LEAF }] }, { not: { any: [LEAF] } }] }],
    ['decorators', { fact: 'attachment.names', operator: 'not:everyFact:someValue:matches', value: ['a', 'b'] }],
    ['a header', { fact: 'header', operator: 'exists', params: { name: 'X-Spam' } }],
    [
      'a sender in either place',
      { fact: 'sender.address', operator: 'contains', value: 'a@b.example', params: { from: 'either' } },
    ],
    ['case', { fact: 'subject', operator: 'matches', value: 'A', params: { caseSensitive: true } }],
    ['a word of punctuation', { fact: 'subject', operator: 'containsWords', value: '[x]' }],
    ['an empty text to be equal to', { fact: 'subject', operator: 'equal', value: '' }],
  ])('%s', (_name, conditions) => {
    expect(problemsOf(conditions)).toEqual([]);
    const result = validateRule({ name: 'x', actions: [{ type: 'stop' }], conditions });
    expect(result).toMatchObject({ rule: { conditions } });
  });

  it('take each fact with each operator that fits it, and no other', () => {
    const value = { text: 'x', address: 'a@b.example', domain: 'b.example', ip: '192.0.2.1', number: 1, boolean: true };
    for (const fact of Object.keys(FACTS).filter(isFactName)) {
      const spec = factSpec(fact);
      const relation = spec.holds === 'relations' ? 'senderManagesRecipient' : undefined;
      const one = relation ?? spec.values?.[0] ?? (spec.isDate === true ? '2026-11-25' : value[spec.type]);
      for (const operator of Object.keys(OPERATORS)) {
        const given =
          operator === 'in' || operator === 'notIn'
            ? [one]
            : operator === 'exists'
              ? true
              : operator === 'underDomain'
                ? 'b.example'
                : one;
        const condition = {
          fact,
          operator,
          value: given,
          ...(spec.params?.includes('name') === true ? { params: { name: 'X-A' } } : {}),
        };
        const isFit = operatorsFor(spec).some((name) => name === operator);
        expect([fact, operator, shortOf(condition)]).toEqual([
          fact,
          operator,
          isFit ? [] : ['/conditions/operator ERR_OPERATOR_UNFIT'],
        ]);
      }
    }
  });
});

describe('conditions that are refused', () => {
  it.each<[string, unknown, string[]]>([
    ['null', null, ['/conditions ERR_CONDITION_INVALID']],
    ['a list', [LEAF], ['/conditions ERR_CONDITION_INVALID']],
    ['text', 'true', ['/conditions ERR_CONDITION_INVALID']],
    ['any of nothing', { any: [] }, ['/conditions/any ERR_CONDITION_INVALID']],
    ['two groups in one object', { all: [LEAF], any: [LEAF] }, ['/conditions ERR_CONDITION_INVALID']],
    ['a group that is no list', { all: LEAF }, ['/conditions/all ERR_CONDITION_INVALID']],
    ['a not of a list', { not: [LEAF] }, ['/conditions/not ERR_CONDITION_INVALID']],
    ['a priority on a group', { all: [LEAF], priority: 5 }, ['/conditions/priority ERR_PROPERTY_UNKNOWN']],
    ['a priority on a leaf', { ...LEAF, priority: 5 }, ['/conditions/priority ERR_PROPERTY_UNKNOWN']],
    ['a path', { ...LEAF, path: '$.x' }, ['/conditions/path ERR_PROPERTY_UNKNOWN']],
    [
      'a leaf beside a group',
      { all: [], ...LEAF },
      ['fact', 'operator', 'value'].map((name) => `/conditions/${name} ERR_PROPERTY_UNKNOWN`),
    ],
    ['a named condition that is not there', { condition: 'n' }, ['/conditions/condition ERR_CONDITION_UNKNOWN']],
    ['nothing of a leaf', {}, ['/conditions/fact ERR_PROPERTY_MISSING', '/conditions/operator ERR_PROPERTY_MISSING']],
    ['an unknown fact', { ...LEAF, fact: 'subjekt' }, ['/conditions/fact ERR_FACT_UNKNOWN']],
    ['a fact of Object', { ...LEAF, fact: 'constructor' }, ['/conditions/fact ERR_FACT_UNKNOWN']],
    ['a fact that is a list', { ...LEAF, fact: ['subject'] }, ['/conditions/fact ERR_FACT_UNKNOWN']],
    ['a fact that comes later', { ...LEAF, fact: 'attachment.text' }, ['/conditions/fact ERR_FACT_UNKNOWN']],
    [
      'a member of a manager',
      { fact: 'sender.manager', operator: 'memberOf', value: 'x' },
      ['/conditions/operator ERR_OPERATOR_UNFIT'],
    ],
    [
      'an attribute without a name',
      { fact: 'sender.attribute', operator: 'exists' },
      ['/conditions/params/name ERR_PROPERTY_MISSING'],
    ],
    [
      'an attribute whose name is none',
      { fact: 'recipient.attribute', operator: 'exists', params: { name: ' x' } },
      ['/conditions/params/name ERR_VALUE_INVALID'],
    ],
    [
      'the place of a recipient',
      { fact: 'recipient.attribute', operator: 'exists', params: { name: 'x', from: 'header' } },
      ['/conditions/params/from ERR_PROPERTY_UNKNOWN'],
    ],
    [
      'relations that are none',
      {
        fact: 'relation',
        operator: 'contains',
        value: [
          'sendermanagesrecipient',
          'sameAttribute:',
          'between:a',
          'between:a/',
          'between:a/b/c',
          'sameAttribute:\n',
        ],
      },
      [0, 1, 2, 3, 4, 5].map((n) => `/conditions/value/${n} ERR_VALUE_INVALID`),
    ],
    [
      'a part of a relation',
      { fact: 'relation', operator: 'startsWith', value: 'between:a/b' },
      ['/conditions/operator ERR_OPERATOR_UNFIT'],
    ],
    [
      'case of a group',
      { fact: 'sender.groups', operator: 'memberOf', value: 'x', params: { caseSensitive: true } },
      ['/conditions/params/caseSensitive ERR_PROPERTY_UNKNOWN'],
    ],
    ['an unknown operator', { ...LEAF, operator: 'equals' }, ['/conditions/operator ERR_OPERATOR_UNKNOWN']],
    ['an operator of Object', { ...LEAF, operator: 'toString' }, ['/conditions/operator ERR_OPERATOR_UNKNOWN']],
    ['an unknown decorator', { ...LEAF, operator: 'swap:equal' }, ['/conditions/operator ERR_OPERATOR_UNKNOWN']],
    [
      'too many decorators',
      { ...LEAF, operator: `${'not:'.repeat(7)}equal` },
      ['/conditions/operator ERR_OPERATOR_UNKNOWN'],
    ],
    [
      'a decorator of lists on one text',
      { ...LEAF, operator: 'everyFact:equal' },
      ['/conditions/operator ERR_OPERATOR_UNFIT'],
    ],
    [
      'a decorator on exists',
      { fact: 'to', operator: 'everyFact:exists' },
      ['/conditions/operator ERR_OPERATOR_UNFIT'],
    ],
    ['contains on text', { ...LEAF, operator: 'contains' }, ['/conditions/operator ERR_OPERATOR_UNFIT']],
    ['no value', { fact: 'subject', operator: 'equal' }, ['/conditions/value ERR_PROPERTY_MISSING']],
    ['a value of another fact', { ...LEAF, value: { fact: 'body' } }, ['/conditions/value ERR_VALUE_INVALID']],
    ['no values', { ...LEAF, value: [] }, ['/conditions/value ERR_VALUE_INVALID']],
    ['one value for in', { ...LEAF, operator: 'in' }, ['/conditions/value ERR_VALUE_INVALID']],
    ['a number for text', { ...LEAF, value: ['x', 1] }, ['/conditions/value/1 ERR_VALUE_INVALID']],
    [
      'text for a number',
      { fact: 'message.sizeBytes', operator: 'lessThan', value: '1' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'text for a boolean',
      { fact: 'sender.isAuthenticated', operator: 'equal', value: 'true' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    ['text for exists', { fact: 'to', operator: 'exists', value: 'true' }, ['/conditions/value ERR_VALUE_INVALID']],
    [
      'an empty text to find',
      { ...LEAF, operator: 'containsText', value: '' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    ['an empty word', { ...LEAF, operator: 'containsWords', value: ' \n' }, ['/conditions/value ERR_VALUE_INVALID']],
    ['a long value', { ...LEAF, value: 'x'.repeat(2_001) }, ['/conditions/value ERR_VALUE_INVALID']],
    [
      'many values',
      { ...LEAF, value: Array.from({ length: 5_001 }, () => 'x') },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    ['half an address', { fact: 'to', operator: 'equal', value: 'ann' }, ['/conditions/value ERR_VALUE_INVALID']],
    [
      'an address as domain',
      { fact: 'sender.domain', operator: 'underDomain', value: '@example.com' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'words with the @ before them',
      { fact: 'sender.address', operator: 'containsWords', value: ['lab', '@lab.example'] },
      ['/conditions/value/1 ERR_VALUE_INVALID'],
    ],
    [
      'an @ in a domain',
      { fact: 'recipient.domain', operator: 'endsWith', value: '@example.com' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'a network as address',
      { fact: 'sender.ip', operator: 'equal', value: '10.0.0.0/8' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'no network',
      { fact: 'sender.ip', operator: 'inCidr', value: '10.0.0.0/33' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'a value that the fact never has',
      { fact: 'recipient.scope', operator: 'equal', value: 'outside' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'a value that the fact never has in that case',
      { fact: 'sender.scope', operator: 'in', value: ['internal', 'External'], params: { caseSensitive: true } },
      ['/conditions/value/1 ERR_VALUE_INVALID'],
    ],
    [
      'an extension with its dot',
      { fact: 'attachment.extensions', operator: 'in', value: ['js', '.exe'] },
      ['/conditions/value/1 ERR_VALUE_INVALID'],
    ],
    [
      'two extensions in one',
      { fact: 'attachment.extensions', operator: 'everyFact:endsWith', value: 'tar.gz' },
      ['/conditions/value ERR_VALUE_INVALID'],
    ],
    [
      'a broken pattern',
      { ...LEAF, operator: 'matches', value: ['a', '('] },
      ['/conditions/value/1 ERR_PATTERN_INVALID'],
    ],
    ['an empty pattern', { ...LEAF, operator: 'matches', value: '' }, ['/conditions/value ERR_PATTERN_INVALID']],
    ['a header without name', { fact: 'header', operator: 'exists' }, ['/conditions/params/name ERR_PROPERTY_MISSING']],
    [
      'a header name with colon',
      { fact: 'header', operator: 'exists', params: { name: 'X:' } },
      ['/conditions/params/name ERR_VALUE_INVALID'],
    ],
    ['an unknown parameter', { ...LEAF, params: { nmae: 'x' } }, ['/conditions/params/nmae ERR_PROPERTY_UNKNOWN']],
    ['parameters that are a list', { ...LEAF, params: [] }, ['/conditions/params ERR_VALUE_INVALID']],
    [
      'case of an address',
      { fact: 'to', operator: 'exists', params: { caseSensitive: true } },
      ['/conditions/params/caseSensitive ERR_PROPERTY_UNKNOWN'],
    ],
    [
      'case that is no boolean',
      { ...LEAF, params: { caseSensitive: 'yes' } },
      ['/conditions/params/caseSensitive ERR_VALUE_INVALID'],
    ],
    [
      'a place that is none',
      { fact: 'sender.scope', operator: 'exists', params: { from: ['header'] } },
      ['/conditions/params/from ERR_VALUE_INVALID'],
    ],
  ])('%s', (_name, conditions, expected) => {
    expect(shortOf(conditions)).toEqual(expected);
  });

  it('name what an extension is', () => {
    const leaf = { fact: 'attachment.extensions', operator: 'equal', value: '.exe' };
    expect(problemsOf(leaf)[0]?.message).toMatch(/without the dot/);
    expect(shortOf({ ...leaf, operator: 'matches', value: '^(exe|js.?)$' })).toEqual([]);
    expect(shortOf({ fact: 'sender.scope', operator: 'equal', value: 'External' })).toEqual([]);
  });

  it('name the operator that does fit', () => {
    const lab = { fact: 'sender.address', operator: 'containsWords', value: '@lab.example' };
    expect(problemsOf(lab)[0]?.message).toMatch(/underDomain or endsWith/);
    expect(problemsOf({ ...lab, operator: 'endsWith' })).toEqual([]);
    expect(problemsOf({ ...LEAF, operator: 'contains' })[0]?.message).toMatch(/containsText/);
    expect(problemsOf({ fact: 'sender.domain', operator: 'inCidr', value: '::/0' })[0]?.message).toMatch(/underDomain/);
  });

  it('have every problem at once, each with its pointer', () => {
    const conditions = {
      all: [{ ...LEAF, fact: 'x' }, { any: [LEAF, { not: { ...LEAF, operator: 'y' } }] }, { all: [], 'a/~b': 1 }],
    };
    expect(shortOf(conditions, { exceptions: { any: [] } })).toEqual([
      '/conditions/all/0/fact ERR_FACT_UNKNOWN',
      '/conditions/all/1/any/1/not/operator ERR_OPERATOR_UNKNOWN',
      '/conditions/all/2/a~1~0b ERR_PROPERTY_UNKNOWN',
      '/exceptions/any ERR_CONDITION_INVALID',
    ]);
  });
});

describe('limits', () => {
  const nested = (levels: number, group: (within: unknown) => unknown): unknown => {
    let condition: unknown = LEAF;
    for (let level = 0; level < levels; level++) condition = group(condition);
    return condition;
  };

  it.each([
    ['all', (within: unknown) => ({ all: [within] })],
    ['any', (within: unknown) => ({ any: [within] })],
    ['not', (within: unknown) => ({ not: within })],
  ])('take 64 levels of %s, and no more', (_name, group) => {
    expect(shortOf(nested(64, group))).toEqual([]);
    expect(shortOf(nested(65, group))).toEqual(['/conditions ERR_RULE_TOO_DEEP']);
    expect(shortOf(LEAF, { exceptions: nested(65, group) })).toEqual(['/exceptions ERR_RULE_TOO_DEEP']);
  });

  it('take 2,000 conditions, exceptions included, and no more', () => {
    const many = (count: number, condition: unknown = LEAF): unknown => ({
      all: Array.from({ length: count }, () => condition),
    });
    expect(shortOf(many(2_000))).toEqual([]);
    expect(shortOf(many(2_001))).toEqual(['/conditions ERR_RULE_TOO_LARGE']);
    expect(shortOf(many(1_000), { exceptions: many(1_000) })).toEqual([]);
    expect(shortOf(many(1_000), { exceptions: many(1_001) })).toEqual(['/conditions ERR_RULE_TOO_LARGE']);
    expect(shortOf(many(2_001, null))).toEqual(['/conditions ERR_RULE_TOO_LARGE']);
  });

  it('take groups beside the conditions in them, to 4,000, exceptions included', () => {
    const groups = (count: number, within: unknown[]): unknown => ({
      all: Array.from({ length: count - 1 }, () => ({ all: within })),
    });
    expect(shortOf({ any: Array.from({ length: 2_000 }, () => ({ not: LEAF })) })).toEqual([]);
    expect(shortOf(groups(2_000, []), { exceptions: groups(2_000, []) })).toEqual([]);
    expect(shortOf(groups(2_000, []), { exceptions: groups(2_001, []) })).toEqual(['/conditions ERR_RULE_TOO_LARGE']);
  });

  it.each<[string, (deep: unknown) => unknown, string]>([
    ['conditions', (deep) => ({ conditions: deep }), '/conditions'],
    ['a group', (deep) => ({ conditions: { all: [deep] } }), '/conditions'],
    ['a group that is unknown', (deep) => ({ conditions: { none: deep } }), '/conditions'],
    ['a value', (deep) => ({ conditions: { ...LEAF, value: deep } }), '/conditions'],
    ['parameters', (deep) => ({ conditions: { ...LEAF, params: deep } }), '/conditions'],
    ['actions', (deep) => ({ actions: deep }), '/actions'],
    ['a name', (deep) => ({ name: deep }), '/name'],
    ['a property that is unknown', (deep) => ({ other: deep }), '/other'],
  ])('guarantee that 100,000 lists in each other as %s are refused without a crash', (_name, put, pointer) => {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { all: [deep] };
    const result = validateRule({ name: 'x', actions: [{ type: 'stop' }], ...(put(deep) as object) });
    expect(result).toEqual({ problems: [expect.objectContaining({ pointer, code: 'ERR_RULE_TOO_DEEP' })] });
    expect(validateRule(deep)).toHaveProperty('problems');
  });

  it('end the patterns of a rule before they take long', () => {
    const value = Array.from({ length: 2_000 }, (_, index) => `(\\pL{10}){9}${index}`);
    const compiled = jest.spyOn(RE2JS, 'compile');
    const problems = problemsOf({ any: [{ fact: 'body', operator: 'matches', value }] });
    const count = compiled.mock.calls.length;
    compiled.mockRestore();
    expect(count).toBeLessThan(500);
    expect(problems[0]?.code).toBe('ERR_RULE_TOO_LARGE');
    expect(problems.length).toBeLessThanOrEqual(1_000);
  });
});
