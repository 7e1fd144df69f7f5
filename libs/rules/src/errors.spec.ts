import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JUDGING_CODES, RULE_PROBLEM_CODES, RULES_ERROR_CODES } from './index.js';
import { engineIncomplete, listDamaged, ruleSetInvalid } from './errors.js';

describe('the codes of this lib', () => {
  it('have a heading each in docs/errors.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
    const headings = [...page.matchAll(/^## (ERR_\w+)$/gm)].map(([, code]) => code);
    for (const code of [...RULES_ERROR_CODES, ...JUDGING_CODES, ...RULE_PROBLEM_CODES])
      expect(headings).toContain(code);
  });

  it('stand in one list each', () => {
    const all = [...RULES_ERROR_CODES, ...JUDGING_CODES, ...RULE_PROBLEM_CODES];
    expect(new Set(all).size).toBe(all.length);
    expect([ruleSetInvalid(1).code, engineIncomplete(2, 1).code, listDamaged('keys').code]).toEqual([
      ...RULES_ERROR_CODES,
    ]);
  });
});
