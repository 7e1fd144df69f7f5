import type { RuleSetContent } from '../types.js';
import { ruleOf, SETTINGS } from '../fakes/samples.js';
import { hashRuleSet } from './hash-rule-set.js';

const content: RuleSetContent = {
  rules: [ruleOf({ id: 'a', actions: [{ type: 'setHeader', name: 'X', value: '1' }] }), ruleOf({ id: 'b' })],
  settings: SETTINGS,
};

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, reversed(one)]),
  );
}

describe('the hash of a rule set', () => {
  it('is the same after a way through JSON that keeps no order of properties', () => {
    expect(hashRuleSet(reversed(content) as RuleSetContent)).toBe(hashRuleSet(content));
    expect(hashRuleSet(content)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is what it was, whatever its properties are called', () => {
    const odd = JSON.parse(
      '{"__proto__":{"b":1,"a":[2,{"d":null,"c":"\\u2028"}]},"constructor":"x","10":1,"9":2}',
    ) as object;
    const params = {
      ...content,
      rules: [ruleOf({ id: 'a', conditions: { fact: 'x', operator: 'y', params: { odd } } })],
    };
    expect(hashRuleSet(params)).toBe('0ea8876ab976b60d32f645c2ae5da482152350ebf4bb9387c51f767ad1f4658d');
  });

  it('takes domains for a set', () => {
    const settings = (...acceptedDomains: readonly string[]) => ({
      ...content,
      settings: { ...SETTINGS, acceptedDomains },
    });
    expect(hashRuleSet(settings('a.example', 'b.example'))).toBe(
      hashRuleSet(settings('b.example', 'a.example', 'b.example')),
    );
    expect(hashRuleSet(settings('a.example'))).not.toBe(hashRuleSet(settings('b.example')));
  });

  it('stays what it was where there are no named conditions and no lists', () => {
    expect(hashRuleSet({ ...content, conditions: {}, lists: [] })).toBe(hashRuleSet(content));
  });

  it('takes named conditions and lists for sets', () => {
    const leaf = { fact: 'subject', operator: 'exists' };
    const list = { name: 'a', type: 'words', version: 1, count: 1, sha256: '00' } as const;
    const whole = { ...content, conditions: { a: leaf, b: leaf }, lists: [list, { ...list, name: 'b' }] };
    const other = { ...content, lists: whole.lists.toReversed(), conditions: { b: leaf, a: leaf } };
    expect(hashRuleSet(other)).toBe(hashRuleSet(whole));
  });

  it.each<[string, RuleSetContent]>([
    ['a named condition', { ...content, conditions: { a: { all: [] } } }],
    ['a list', { ...content, lists: [{ name: 'a', type: 'words', version: 1, count: 1, sha256: '00' }] }],
    ['the order of rules', { ...content, rules: content.rules.toReversed() }],
    ['a rule that is off', { ...content, rules: content.rules.map((rule) => ({ ...rule, enabled: false })) }],
    [
      'a value',
      {
        ...content,
        rules: [ruleOf({ id: 'a', actions: [{ type: 'setHeader', name: 'X', value: '2' }] }), ruleOf({ id: 'b' })],
      },
    ],
    ['partners', { ...content, settings: { ...SETTINGS, partnerDomains: ['p.example'] } }],
    ['the time zone', { ...content, settings: { ...SETTINGS, timeZone: 'Europe/Berlin' } }],
  ])('changes with %s', (_name, other) => {
    expect(hashRuleSet(other)).not.toBe(hashRuleSet(content));
  });
});
