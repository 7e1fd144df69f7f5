import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONDITION_LEVELS_MAX, CONDITIONS_MAX, GROUPS_MAX } from '../save/depth-guard.js';
import { validateRule } from '../save/validate-rule.js';
import { PATTERN_CHARS_MAX, PATTERN_PROGRAM_MAX } from '../text/pattern.js';
import { ACTIONS } from './actions.js';
import { FACTS, factSpec, isFactName } from './facts.js';
import { DECORATORS, OPERATORS } from './operators.js';
import { PLACEHOLDERS } from './placeholders.js';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/rules.md'), 'utf8');

/** Rows of all tables under a heading of the second level: name, cells between, example. */
function rowsOf(heading: string): readonly { name: string; text: string; example: unknown; isOfRecipient: boolean }[] {
  const section = new RegExp(`^## ${heading}\\n(.*?)(?=^## |(?![^]))`, 'ms').exec(page)?.[1] ?? '';
  return [...section.matchAll(/^\| `([^`{}]+)`( _r_)? +\|(.*)\| `(\{.*\})` +\|$/gm)].map(
    ([, name = '', mark, text = '', json = '']) => ({
      name,
      text,
      example: JSON.parse(json) as unknown,
      isOfRecipient: mark !== undefined,
    }),
  );
}

const problemsOf = (rule: object): unknown => {
  const result = validateRule({ name: 'x', actions: [{ type: 'stop' }], ...rule });
  return 'problems' in result ? result.problems : [];
};

describe('docs/rules.md', () => {
  it('has every fact, with an example that can be saved', () => {
    const rows = rowsOf('Facts');
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(FACTS).sort());
    for (const { name, example, text, isOfRecipient } of rows) {
      expect(example).toMatchObject({ fact: name });
      expect([name, problemsOf({ conditions: example })]).toEqual([name, []]);
      if (!isFactName(name)) throw new Error(name);
      const spec = factSpec(name);
      expect([name, isOfRecipient]).toEqual([name, spec.isOfRecipient]);
      for (const value of spec.values ?? [])
        expect([name, text]).toEqual([name, expect.stringContaining(`\`${value}\``)]);
    }
  });

  it('has every operator and every word before it, with an example that can be saved', () => {
    const rows = rowsOf('Operators');
    expect(rows.map(({ name }) => name).sort()).toEqual([...Object.keys(OPERATORS), ...DECORATORS].sort());
    for (const { name, example } of rows) {
      expect([name, (example as { operator: string }).operator.split(':')]).toEqual([
        name,
        expect.arrayContaining([name]),
      ]);
      expect([name, problemsOf({ conditions: example })]).toEqual([name, []]);
    }
  });

  it('has every action, with an example that can be saved', () => {
    const rows = rowsOf('Actions');
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(ACTIONS).sort());
    for (const { name, example } of rows) {
      expect(example).toMatchObject({ type: name });
      expect([name, problemsOf({ actions: [example] })]).toEqual([name, []]);
    }
  });

  it('has every placeholder', () => {
    const named = [...page.matchAll(/^\| `\{\{([^`]+)\}\}` +\|/gm)].map(([, name]) => name);
    expect(named).toEqual([...PLACEHOLDERS]);
  });

  it('has every property of a rule, and whole examples that can be saved', () => {
    const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = '']) => JSON.parse(json) as object);
    const rules = blocks.filter((block) => 'name' in block);
    expect(rules.length).toBeGreaterThan(2);
    for (const rule of rules) expect(validateRule(rule)).toHaveProperty('rule');
    for (const conditions of blocks.filter((block) => !('name' in block)))
      expect(problemsOf({ conditions })).toEqual([]);
    const whole = validateRule({ ...rules[0] });
    const properties = 'rule' in whole ? Object.keys(whole.rule) : [];
    for (const property of properties) expect(page).toMatch(new RegExp(`^\\| \`${property}\` `, 'm'));
  });

  it('has the limits of the code', () => {
    const figures = [CONDITION_LEVELS_MAX, CONDITIONS_MAX, GROUPS_MAX, PATTERN_CHARS_MAX, PATTERN_PROGRAM_MAX];
    for (const figure of figures) expect(page).toContain(figure.toLocaleString('en'));
  });
});
