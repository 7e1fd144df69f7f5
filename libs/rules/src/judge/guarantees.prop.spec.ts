import fc from 'fast-check';
import { compileRuleSet } from '../compile/compile-rule-set.js';
import { ENCRYPT, ruleOf } from '../fakes/samples.js';
import { fatesOf, fatesSaid, type Fate } from '../oracle/fates.js';
import { interpret } from '../oracle/interpret.js';
import { SETTINGS, someRecord, someRules } from '../oracle/worlds.js';
import type { Action, FactRecord, Rule, Verdict } from '../types.js';
import { evaluate } from './evaluate.js';

const numRuns = Number(process.env['RULES_RUNS'] ?? 500);
const unhurried = (): number => 0;

async function judged(rules: readonly Rule[], record: FactRecord, now = unhurried): Promise<Verdict> {
  return await evaluate(compileRuleSet({ rules, settings: SETTINGS }), record, { budgetMs: 1, now });
}

/** Judges, and holds the verdict to the plain reading of the rules. */
async function fates(rules: readonly Rule[], record: FactRecord): Promise<readonly Fate[]> {
  const said = fatesSaid(interpret({ rules, settings: SETTINGS }, record));
  expect(fatesOf(await judged(rules, record))).toEqual(said);
  return said;
}

const isParked = ({ ending }: Fate): boolean => ending.type === 'quarantine';

/** The record after a person released all that is parked. */
function released(record: FactRecord, parked: readonly Fate[]): FactRecord {
  const by = new Map(parked.map(({ recipient, ending }) => [recipient.address, 'rule' in ending ? ending.rule : null]));
  const added = parked.filter(({ recipient }) => recipient.origin === 'added');
  return {
    ...record,
    recipients: record.recipients.map((one) => {
      const rule = by.get(one.address);
      return rule == null ? one : { ...one, resumeAfterRule: rule };
    }),
    resumeOfAdded: {
      ...record.resumeOfAdded,
      ...Object.fromEntries(added.map(({ recipient }) => [recipient.address, String(by.get(recipient.address))])),
    },
  };
}

describe('the judge', () => {
  it('guarantees that released copies go on behind the rule that parked them, with all that was asked for', async () => {
    let releases = 0;
    let endings = new Set<string>();
    await fc.assert(
      fc.asyncProperty(someRules, someRecord, async (given, one) => {
        const rules = given.map((rule, index) =>
          index % 2 === 0 ? { ...rule, actions: parking(rule.actions), mode: 'enforce' as const } : rule,
        );
        const recipients = one.recipients.map(({ resumeAfterRule: _none, ...recipient }) => recipient);
        let record: FactRecord = { ...one, recipients, resumeOfAdded: {} };
        const indexOf = ({ ending }: Fate): number =>
          rules.findIndex(({ id }) => 'rule' in ending && id === ending.rule);
        let parked = (await fates(rules, record)).filter(isParked);
        for (let left = rules.length * 8; parked.length > 0; left -= 1) {
          expect(left).toBeGreaterThan(0);
          record = released(record, parked);
          const next = await fates(rules, record);
          for (const before of parked) {
            const after = next.find(({ recipient }) => recipient.address === before.recipient.address);
            releases += 1;
            endings = endings.add(after?.ending.type ?? 'gone');
            if (after !== undefined && isParked(after)) expect(indexOf(after)).toBeGreaterThan(indexOf(before));
            if (before.copy.protection !== null) expect(after?.copy.protection ?? null).not.toBeNull();
            // An added recipient has the copy of whoever adds it first, which may be another when more go on.
            if (before.recipient.origin === 'added') continue;
            const fields = before.copy.edits.filter((edit) => 'name' in edit);
            expect(after?.copy.edits).toEqual(expect.arrayContaining(fields));
          }
          parked = next.filter(isParked);
        }
      }),
      { numRuns },
    );
    expect(releases).toBeGreaterThan(50);
    expect([...endings]).toEqual(expect.arrayContaining(['deliver', 'hold', 'quarantine']));
  }, 60_000);

  it('guarantees the plain reading where recipients part into as many copies as there may be, and more', async () => {
    const seen = new Set<string>();
    const people = Array.from({ length: 90 }, (_, n) => `p${n}@customer.example`);
    const ending = fc.constantFrom<readonly Action[]>(
      [{ type: 'stop' }],
      [{ type: 'delete' }],
      [{ type: 'quarantine' }],
      [{ type: 'redirect', addresses: ['legal@example.com'] }],
    );
    // Most rules end nothing, or hardly any message would part so often.
    const extra = fc.oneof(
      { weight: 5, arbitrary: fc.constant<readonly Action[]>([]) },
      { weight: 1, arbitrary: ending },
    );
    const extras = fc.array(extra, { minLength: 7, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(someRecord, fc.integer({ min: 60, max: 90 }), extras, async (one, count, more) => {
        const addresses = people.slice(0, count);
        const tags = more.map((actions, bit): Partial<Rule> => {
          const value = addresses.filter((_address, n) => ((n >> bit) & 1) === 1);
          const fact = { fact: 'recipient.address', operator: 'in', value: value.length > 0 ? value : ['x@y.example'] };
          return { conditions: fact, actions: [{ type: 'setHeader', name: `X-${bit}`, value: '1' }, ...actions] };
        });
        const rules = [...tags, { actions: [ENCRYPT] }].map((rule, n) => ruleOf({ id: `r${n}`, priority: n, ...rule }));
        const recipients = addresses.map((address, n) => ({
          address,
          displayName: undefined,
          in: 'bcc' as const,
          keys: [],
          isUnprotected: n % 9 === 0,
        }));
        const all = await fates(rules, { ...one, recipients, resumeOfAdded: {} });
        for (const { ending } of all) seen.add('code' in ending ? ending.code : ending.type);
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
    expect([...seen].sort()).toEqual(['ERR_BRANCHES_EXCEEDED', 'delete', 'deliver', 'quarantine']);
  }, 60_000);

  it('guarantees that spent time makes no match, and lets nobody pass a rule that holds', async () => {
    let spent = 0;
    await fc.assert(
      fc.asyncProperty(someRules, someRecord, fc.nat({ max: 40 }), async (rules, record, reads) => {
        let read = 0;
        const whole = await judged(rules, record);
        const hurried = await judged(rules, record, () => (read++ < reads ? 0 : 2));
        const first = (verdict: Verdict, n: number) => verdict.rules[0]?.recipients[n];
        record.recipients.forEach(({ address }, n) => {
          const now = first(hurried, n);
          if (now?.reason === 'ERR_JUDGE_BUDGET') spent += 1;
          if (now?.outcome === 'failed') return;
          expect([address, now?.outcome === 'matched']).toEqual([address, first(whole, n)?.outcome === 'matched']);
        });
        const failed = hurried.rules.flatMap(({ recipients }, n) =>
          rules[n]?.mode === 'enforce' && rules[n].onError === 'hold'
            ? recipients.filter(({ outcome }) => outcome === 'failed').map(({ address }) => address)
            : [],
        );
        const isOut = (address: string): boolean =>
          record.unprotectedAdded?.includes(address) === true ||
          record.recipients.some((one) => one.address === address && one.isUnprotected === true);
        for (const fate of fatesOf(hurried)) {
          const address = fate?.recipient.address ?? '';
          if (failed.includes(address))
            expect([address, fate?.ending.type === 'hold']).toEqual([address, !isOut(address)]);
        }
      }),
      { numRuns },
    );
    expect(spent).toBeGreaterThan(50);
  }, 60_000);
});

/** The same actions, with parking in place of what ends. */
function parking(actions: readonly Action[]): readonly Action[] {
  const others = actions.filter(({ type }) => !['reject', 'delete', 'redirect', 'stop'].includes(type));
  return [...others.filter(({ type }) => type !== 'quarantine'), { type: 'quarantine' }];
}
