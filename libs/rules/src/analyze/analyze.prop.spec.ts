import fc from 'fast-check';
import { interpret } from '../oracle/interpret.js';
import { SETTINGS, someRecord, someRules } from '../oracle/worlds.js';
import type { Action, Condition, FactRecord, Rule } from '../types.js';
import { analyzeRuleSet } from './analyze-rule-set.js';

/** Rules that have to do with each other: parts of one condition stand in another, narrower or denied. */
const kinRules: fc.Arbitrary<readonly Rule[]> = fc
  .tuple(
    someRules,
    fc.array(
      fc.record({
        kind: fc.constantFrom('again', 'narrower', 'wider', 'denied', 'excepted', 'stopping', 'contrary'),
        of: fc.nat(),
        with: fc.nat(),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  )
  .map(([rules, kin]) => {
    const all = [...rules];
    for (const { kind, of, with: other } of kin) {
      const one = all[of % all.length];
      const more = all[other % all.length];
      if (one === undefined || more === undefined) continue;
      if (kind === 'contrary') all.push({ ...one, ...TAGGING, actions: [tag('1')] });
      all.push({ ...one, ...changed(kind, one, more) });
    }
    return all.map((rule, index) => ({ ...rule, id: `r${index}`, priority: index }));
  });

function changed(kind: string, one: Rule, more: Rule): Partial<Rule> {
  switch (kind) {
    case 'narrower':
      return { conditions: { all: [one.conditions, more.conditions] }, exceptions: null };
    case 'wider':
      return { conditions: { any: [more.conditions, one.conditions] }, exceptions: null, actions: more.actions };
    case 'denied':
      return { conditions: { all: [one.conditions, { not: more.conditions }] } };
    case 'excepted':
      return { exceptions: { any: [more.conditions, one.conditions] } };
    case 'stopping':
      return { exceptions: null, stopProcessing: true, enabled: true, mode: 'enforce' };
    case 'contrary':
      return { ...TAGGING, actions: [tag('2')], exceptions: more.exceptions };
    default:
      return {};
  }
}

const TAGGING = {
  appliesTo: 'matchingRecipients',
  enabled: true,
  mode: 'enforce',
  exceptions: null,
  onError: 'hold',
  activateAt: null,
  expireAt: null,
} as const;

function tag(value: string): Action {
  return { type: 'setHeader', name: 'X-Tag', value };
}

/** As it comes, before a person has released anything. */
const someMail: fc.Arbitrary<FactRecord> = someRecord.map((record) => ({
  ...record,
  recipients: record.recipients.map(({ resumeAfterRule: _resume, isUnprotected: _clear, ...one }) => one),
  resumeOfAdded: {},
  unprotectedAdded: [],
}));

const numRuns = Number(process.env['RULES_RUNS'] ?? (process.env['TEST_NIGHTLY'] === '1' ? 20_000 : 300));

describe('what is found wrong with random rules', () => {
  it('guarantees that a rule that is called idle matches no random message', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(kinRules, fc.array(someMail, { minLength: 3, maxLength: 6 }), async (rules, mails) => {
        const { findings } = await analyzeRuleSet({ rules, settings: SETTINGS }, { at: '2026-11-24T12:00:00.000Z' });
        for (const { kind } of findings) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        for (const record of mails) {
          const { matched, overruled, people } = interpret({ rules, settings: SETTINGS }, record);
          const matchedBy = (id: string | undefined): readonly string[] =>
            matched[rules.findIndex((rule) => rule.id === id)] ?? [];
          for (const { kind, rules: ids, pointer = '' } of findings) {
            const [first, second] = ids;
            const index = rules.findIndex(({ id }) => id === first);
            if (kind === 'unreachable' || kind === 'alwaysExcepted' || kind === 'shadowed') {
              expect([kind, first, matchedBy(first)]).toEqual([kind, first, []]);
            }
            if (kind === 'duplicate') {
              const late = people.filter(({ outcomes }) => outcomes[index]?.outcome !== 'skipped');
              // What the earlier one wrote may keep the later one from matching; it never matches where that did not.
              const ours = late.filter(({ recipient }) => recipient.origin !== 'added');
              const byFirst = ours.filter(({ recipient }) => matchedBy(first).includes(recipient.address));
              expect(matchedBy(second)).toEqual(
                expect.arrayContaining(byFirst.map(({ recipient }) => recipient.address)),
              );
            }
            const isOfHeader = rules[index]?.actions[Number(pointer.split('/')[2])]?.type.endsWith('Header') === true;
            if (kind === 'contradictory' && isOfHeader && matchedBy(first).length > 0) {
              seen.set('overruled', (seen.get('overruled') ?? 0) + 1);
              // Unless what had been decided before both happens to be the same.
              const action = rules[index]?.actions[Number(pointer.split('/')[2])];
              const earlier = rules.slice(0, index).flatMap(({ actions }) => actions);
              const isSaidBefore = earlier.some(
                (one) => JSON.stringify(one).toLowerCase() === JSON.stringify(action).toLowerCase(),
              );
              if (!isSaidBefore) expect([...(overruled[index] ?? [])]).toContain(pointer);
            }
          }
        }
      }),
      { numRuns },
    );
    if (process.env['RULES_SHOW'] !== undefined) console.log(seen);
    for (const kind of ['unreachable', 'alwaysExcepted', 'shadowed', 'duplicate', 'contradictory', 'overruled']) {
      expect([kind, (seen.get(kind) ?? 0) > 0]).toEqual([kind, true]);
    }
  }, 3_600_000);

  it('is asked about conditions that some message meets', () => {
    const meets = (condition: Condition, record: FactRecord): boolean =>
      interpret({ rules: [plain(condition)], settings: SETTINGS }, record).matched[0]?.length !== 0;
    let met = 0;
    fc.assert(
      fc.property(kinRules, someMail, (rules, record) => {
        met += rules.filter(({ conditions }) => meets(conditions, record)).length;
      }),
      { numRuns: 100 },
    );
    expect(met).toBeGreaterThan(100);
  });
});

function plain(conditions: Condition): Rule {
  return {
    ...{ id: 'r', version: 1, name: 'Rule', description: '', enabled: true, mode: 'enforce', priority: 0, conditions },
    ...{ exceptions: null, actions: [{ type: 'audit', severity: 'low' }], appliesTo: 'matchingRecipients' },
    ...{ stopProcessing: false, onError: 'hold', activateAt: null, expireAt: null },
  } as const;
}
