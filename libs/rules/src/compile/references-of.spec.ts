import { ruleOf } from '../fakes/samples.js';
import type { Condition } from '../types.js';
import { referencesOf } from './references-of.js';

const LEAF: Condition = { fact: 'subject', operator: 'equal', value: 'x' };
const inList = (value: unknown, operator = 'inList'): Condition => ({ fact: 'subject', operator, value });
const named = (condition: string): Condition => ({ condition });

describe('the references of rules', () => {
  it('are names of conditions and lists, through named conditions, in conditions and exceptions', () => {
    const conditions = {
      a: { all: [named('b'), { not: named('c') }] },
      b: inList(['Words', 'More words']),
      c: { any: [named('b'), inList('Partners', 'not:everyValue:inList')] },
      unused: inList('Nobody'),
    };
    const rules = [
      ruleOf({ conditions: { any: [LEAF, named('a')] } }),
      ruleOf({ exceptions: { not: { any: [named('gone'), inList('Partners')] } } }),
    ];
    expect(referencesOf(rules, conditions)).toEqual({
      conditions: ['a', 'b', 'c', 'gone'],
      lists: ['More words', 'Partners', 'Words'],
    });
    expect(referencesOf([ruleOf({ conditions: LEAF })], conditions)).toEqual({ conditions: [], lists: [] });
  });

  it('come to an end where names lead back to themselves', () => {
    expect(referencesOf([ruleOf({ conditions: named('a') })], { a: { not: named('b') }, b: named('a') })).toEqual({
      conditions: ['a', 'b'],
      lists: [],
    });
  });
});
