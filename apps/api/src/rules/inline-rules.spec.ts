import { jest } from '@jest/globals';
import { RE2JS } from 're2js';
import { inlineRules } from './inline-rules.js';

const SETTINGS = { acceptedDomains: ['clinic.example'], partnerDomains: [], timeZone: 'UTC' };
const rule = (name: string, more: object = {}): object => ({ name, actions: [{ type: 'stop' }], ...more });

describe('inlineRules', () => {
  it('makes a rule set in the order of priorities, those without one last, named by their place', () => {
    const set = inlineRules([rule('c'), rule('b', { priority: 7 }), rule('d'), rule('a', { priority: 0 })], SETTINGS);
    if ('problems' in set) throw new Error('refused');
    expect(set.content.rules.map(({ id, name, priority }) => `${priority} ${name} ${id}`)).toEqual([
      '0 a /rules/3',
      '1 b /rules/1',
      '2 c /rules/0',
      '3 d /rules/2',
    ]);
    expect(set.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('guarantees that the patterns of all rules together do not take long to compile', () => {
    const hostile = Array.from({ length: 1_000 }, (_, n) =>
      rule('x', { conditions: { fact: 'subject', operator: 'matches', value: `[${'\\p{L}'.repeat(100)}]${n}` } }),
    );
    const compiled = jest.spyOn(RE2JS, 'compile');
    const set = inlineRules(hostile, SETTINGS);
    const count = compiled.mock.calls.length;
    compiled.mockRestore();
    expect(count).toBeLessThan(20);
    const codes = 'problems' in set ? set.problems.map(({ code }) => code) : [];
    expect(codes).toContain('ERR_RULE_TOO_LARGE');
  });

  it('names a thousand problems and some, not all of them', () => {
    const bad = { name: 'x', ...Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`k${n}`, 0])) };
    const set = inlineRules(Array<unknown>(1_000).fill(bad), SETTINGS);
    expect('problems' in set && set.problems.length).toBeLessThan(2_000);
  });

  it('names every problem of every rule', () => {
    const set = inlineRules([rule('ok'), rule('x', { mode: 'loud' }), 7, { colour: 'red' }], SETTINGS);
    const pointers = 'problems' in set ? set.problems.map(({ pointer }) => pointer) : [];
    expect(pointers).toEqual(expect.arrayContaining(['/rules/1/mode', '/rules/2', '/rules/3/colour', '/rules/3/name']));
    expect(pointers.some((pointer) => pointer.startsWith('/rules/0'))).toBe(false);
  });
});
