import { ruleOf, SETTINGS } from '../fakes/samples.js';
import type { Condition, Rule } from '../types.js';
import { factsRead } from './facts-read.js';

const is = (fact: string): Condition => ({ fact, operator: 'exists' });

function factsIn(rules: readonly Partial<Rule>[], conditions: Readonly<Record<string, Condition>> = {}): unknown {
  const content = { rules: rules.map(ruleOf), settings: SETTINGS, conditions };
  expect(factsRead(content)).toBe(factsRead(content));
  return [...factsRead(content)].sort();
}

describe('the facts that rules read', () => {
  it('are those of conditions and exceptions, however deep, of all rules', () => {
    const conditions: Condition = { all: [{ any: [is('subject'), { not: is('link.count') }] }, is('to')] };
    expect(factsIn([{ conditions, exceptions: is('body') }, { conditions: is('cc') }])).toEqual([
      'body',
      'cc',
      'link.count',
      'subject',
      'to',
    ]);
  });

  it('are those of named conditions, and of what is named in these', () => {
    const named = { one: { all: [{ condition: 'two' }] }, two: is('attachment.hashes'), three: is('cc') } as const;
    expect(factsIn([{ conditions: { condition: 'one' } }], named)).toEqual(['attachment.hashes']);
  });

  it('are none of rules that are not enabled', () => {
    expect(factsIn([{ enabled: false, conditions: is('subject') }])).toEqual([]);
  });
});
