import fc from 'fast-check';
import { compileRuleSet } from '../compile/compile-rule-set.js';
import { restoreOutcomes } from '../kept/restore-outcomes.js';
import { interpret, type Interpreted } from '../oracle/interpret.js';
import { fatesOf, fatesSaid } from '../oracle/fates.js';
import { isError } from '../oracle/oracle-conditions.js';
import { SETTINGS, someContent, someRecord, someRules } from '../oracle/worlds.js';
import { validateRule } from '../save/validate-rule.js';
import type { Rule, RuleSetContent, Verdict } from '../types.js';
import { evaluate, type JudgingOptions } from './evaluate.js';

/** The conditions of the message once, where they were true, else in error, else false; those of a recipient for each. */
function whySaid({ said, people }: Interpreted, index: number): unknown {
  const all = said[index] ?? [];
  const order = new Map(people.map(({ recipient }, n) => [recipient.address, n]));
  return [...new Set(all.map(({ path }) => path))].flatMap((path) => {
    const told = all
      .filter((one) => one.path === path)
      .sort((a, b) => (order.get(a.address) ?? 0) - (order.get(b.address) ?? 0));
    const isOfRecipient = told[0]?.isOfRecipient === true;
    const clearest = told.find(({ three }) => three === true) ?? told.find(({ three }) => isError(three)) ?? told[0];
    return (isOfRecipient ? told : [clearest]).flatMap((one) =>
      one === undefined
        ? []
        : [
            {
              path,
              matched: one.three === true,
              ...(isError(one.three) ? { errorCode: one.three.error } : {}),
              ...(isOfRecipient ? { recipient: one.address } : {}),
            },
          ],
    );
  });
}

/** Those whom an enforced audit action or an audit rule matched; an enforced audit action is not for added recipients. */
function auditsSaid(rules: readonly Rule[], { matched, people }: Interpreted): unknown {
  return rules.flatMap(({ id, mode, actions }, index) => {
    const action = actions.find(({ type }) => type === 'audit');
    const recipients = people
      .filter(({ recipient }) => matched[index]?.includes(recipient.address))
      .filter(({ recipient }) => mode !== 'enforce' || recipient.origin !== 'added')
      .map(({ recipient }) => recipient.address);
    if (recipients.length === 0 || (mode === 'enforce' && action === undefined)) return [];
    return [{ rule: id, severity: action?.type === 'audit' ? action.severity : 'none', recipients, mode }];
  });
}

const OUTCOMES = ['matched', 'failed', 'excepted', 'skipped', 'notMatched'];

const isNightly = process.env['TEST_NIGHTLY'] === '1';
const numRuns = Number(process.env['RULES_RUNS'] ?? (isNightly ? 100_000 : 2_000));
/** `RULES_SEED` repeats a run. */
const seed = Number(process.env['RULES_SEED'] ?? Date.now() % 2 ** 31);

async function judged(
  content: RuleSetContent,
  record: Parameters<typeof interpret>[1],
  isExplained: JudgingOptions['isExplained'] = true,
): Promise<Verdict> {
  return await evaluate(compileRuleSet(content), record, { budgetMs: 1, now: () => 0, isExplained });
}

const isTelling = ({ outcome }: Verdict['rules'][number]): boolean => outcome === 'matched' || outcome === 'failed';

describe('the judge', () => {
  it('guarantees the verdict of a plain reading of the rule language, one rule after the other', async () => {
    const seen = new Map<string, number>();
    const note = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(someContent, someRecord, async (content, record) => {
        const { rules } = content;
        const said = interpret(content, record);
        const verdict = await judged(content, record);
        expect(fatesOf(verdict)).toEqual(fatesSaid(said));
        verdict.rules.forEach((rule, index) => {
          const outcomes = rule.recipients.map(({ address: _address, ...outcome }) => outcome);
          expect(outcomes).toEqual(said.people.map((one) => one.outcomes[index]));
          expect(OUTCOMES).toContain(rule.outcome);
          expect(rule.overruled ?? []).toEqual([...(said.overruled[index] ?? [])].sort());
          const why = rule.why.map(({ fact: _fact, operator: _operator, evidence: _evidence, ...told }) => told);
          expect(why).toEqual(whySaid(said, index));
          for (const { outcome, reason } of rule.recipients) note(reason ?? outcome);
          if (rule.overruled !== undefined) note('overruled');
          if (rule.unmet !== undefined) note('unmet');
        });
        expect(verdict.audits).toEqual(auditsSaid(rules, said));
        for (const { ending, recipients } of verdict.branches) {
          note(ending.type);
          for (const { origin } of recipients) note(origin);
        }
        if (verdict.branches.length > 1) note('parted');
        const middle = { first: Math.floor(rules.length / 3), count: 2 };
        const page = await judged(content, record, middle);
        expect(page).toEqual({ ...verdict, rules: verdict.rules.slice(middle.first, middle.first + middle.count) });
        const kept = JSON.parse(JSON.stringify(verdict.kept)) as Verdict['kept'];
        expect(restoreOutcomes({ rules }, kept, record.receivedAt, { first: 0, count: rules.length })).toEqual(
          verdict.rules.map(({ why: _why, unmet: _unmet, overruled: _overruled, ...outcome }) => outcome),
        );
        const brief = await judged(content, record, false);
        expect(brief).toEqual({ ...verdict, rules: verdict.rules.filter(isTelling) });
      }),
      { numRuns, seed },
    );
    if (isNightly) console.log(`prefilter and fold, against the plain reading: ${numRuns} pairs, seed ${seed}`);
    if (process.env['RULES_SHOW'] !== undefined) console.log(seen);
    // The worlds are rich enough to mean something.
    for (const what of [
      'matched',
      'notMatched',
      'excepted',
      'stopped',
      'parked',
      'redirected',
      'held',
      'added',
      'parted',
      'overruled',
      'unmet',
      'reject',
      'ERR_TEST_FACT',
      'ERR_TEST_DIRECTORY',
      'ERR_DIRECTORY_UNASKED',
      'ERR_MANAGER_UNKNOWN',
    ]) {
      expect([what, seen.get(what) ?? 0]).toEqual([what, expect.any(Number)]);
      expect([what, (seen.get(what) ?? 0) > 0]).toEqual([what, true]);
    }
  }, 3_600_000);

  it('guarantees that no copy for an added recipient is weaker than the others where no condition is about recipients', async () => {
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(someRules, someRecord, async (given, record) => {
        const rules = given.filter((rule) => !/"(?:recipient\.|relation")/.test(JSON.stringify(rule)));
        const going = (await judged({ rules, settings: SETTINGS }, record)).branches.filter(
          ({ ending }) => ending.type === 'deliver',
        );
        const of = (origin: string) =>
          going.filter(({ recipients }) => recipients.some((one) => one.origin === origin));
        if (of('envelope').some(({ protection }) => protection !== null)) {
          copies += of('added').length;
          expect(of('added').filter(({ protection }) => protection === null)).toEqual([]);
        }
      }),
      { numRuns: Number(process.env['RULES_RUNS'] ?? 1_000) },
    );
    expect(copies).toBeGreaterThan(0);
  }, 60_000);

  it('is asked about rules that can be saved', () => {
    fc.assert(
      fc.property(someContent, ({ rules, conditions = {} }) => {
        for (const { id: _id, version: _version, ...input } of rules)
          expect(validateRule(input, { conditions })).toEqual({ rule: input });
      }),
    );
  });
});
