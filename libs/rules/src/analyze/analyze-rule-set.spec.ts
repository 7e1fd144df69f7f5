import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleOf, SETTINGS } from '../fakes/samples.js';
import type { RuleSetContent } from '../types.js';
import { analyzeRuleSet } from './analyze-rule-set.js';
import { FINDING_KINDS, type AnalysisWorld } from './findings.js';
import { FAULTY_SETS, type FaultySet } from './fakes/faulty-sets.js';
import { GOOD_SETS } from './fakes/good-sets.js';

const AT = '2026-11-24T12:00:00.000Z';

function contentOf({ rules, content }: Pick<FaultySet, 'rules' | 'content'>): RuleSetContent {
  const whole = rules.map((rule, index) =>
    ruleOf({ id: `r${index}`, name: `Rule ${index}`, priority: index, ...rule }),
  );
  return { rules: whole, settings: SETTINGS, ...content };
}

async function findingsIn(set: Pick<FaultySet, 'rules' | 'content' | 'world'>): Promise<readonly string[]> {
  const world: AnalysisWorld = { at: AT, ...set.world };
  const { findings, isComplete } = await analyzeRuleSet(contentOf(set), world);
  expect(isComplete).toBe(true);
  return findings.map(({ kind, rules }) => [kind, ...rules].join(' '));
}

describe('analyzing a rule set', () => {
  it.each(FAULTY_SETS.map((set) => [set.name, set] as const))('finds what is wrong: %s', async (_name, set) => {
    expect(await findingsIn(set)).toEqual(set.findings);
  });

  it.each(GOOD_SETS.map((set) => [set.name, set] as const))('finds nothing wrong: %s', async (_name, set) => {
    expect(await findingsIn(set)).toEqual([]);
  });

  it('has thirty faulty sets, each kind of fault in two of them, and twenty good ones', () => {
    expect(FAULTY_SETS.length).toBeGreaterThanOrEqual(30);
    expect(GOOD_SETS.length).toBeGreaterThanOrEqual(20);
    for (const kind of FINDING_KINDS) {
      const having = FAULTY_SETS.filter(({ findings }) => findings.some((one) => one.split(' ')[0] === kind));
      expect([kind, having.length]).toEqual([kind, expect.any(Number)]);
      expect([kind, having.length >= 2]).toEqual([kind, true]);
    }
  });

  it('has a row in docs/rules.md for each kind', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/rules.md'), 'utf8');
    const section = page.split('\n## Analyze\n')[1] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, kind]) => kind);
    expect(rows).toEqual(FINDING_KINDS);
  });

  it('says where, and a sentence that says what to do', async () => {
    for (const set of FAULTY_SETS) {
      const { findings } = await analyzeRuleSet(contentOf(set), { at: AT, ...set.world });
      for (const { message, pointer = '/' } of findings) {
        expect(message).toMatch(/^[a-z].{30,}/);
        expect(pointer).toMatch(/^\//);
      }
    }
  });

  it('reads thousands of rules in few steps, and gives others their turn', async () => {
    const rules = Array.from({ length: 3_000 }, (_, n) => ({
      conditions: {
        all: [
          { fact: 'subjectOrBody', operator: 'containsWords', value: [`word${n}`, `other${n}`] },
          { fact: 'recipient.domain', operator: 'underDomain', value: `d${n % 50}.example` },
        ],
      },
      actions: [{ type: 'audit', severity: 'low' } as const],
      stopProcessing: n % 2 === 0,
    }));
    let turns = 0;
    const { findings, isComplete } = await analyzeRuleSet(
      contentOf({ rules }),
      { at: AT },
      {
        turn: () => {
          turns += 1;
          return Promise.resolve();
        },
      },
    );
    expect([findings, isComplete]).toEqual([[], true]);
    expect(turns).toBeGreaterThan(10);
  });

  it('ends when its steps are spent, and says so', async () => {
    const rules = Array.from({ length: 100 }, () => ({ conditions: { all: [] }, stopProcessing: true }));
    const { isComplete } = await analyzeRuleSet(contentOf({ rules }), { at: AT }, { stepsMax: 200 });
    expect(isComplete).toBe(false);
  });

  it('ends when the turn is refused', async () => {
    const turn = (): Promise<void> => Promise.reject(new Error('gone'));
    const rules = Array.from({ length: 100 }, () => ({ stopProcessing: true }));
    await expect(analyzeRuleSet(contentOf({ rules }), { at: AT }, { turn })).rejects.toThrow('gone');
  });
});
