import { randomBytes } from 'node:crypto';
import { Secret } from '#lib/core';
import type { RuleOutcome, Verdict } from '#lib/rules';
import { branchOf, ENCRYPT, mailOf } from './fakes/samples.js';
import { openSummary, openTrace, sealSummary, sealTrace } from './message-content.js';

const key = new Secret<Uint8Array>(randomBytes(32));

function ruleOf(outcome: RuleOutcome['outcome'], more: Partial<RuleOutcome> = {}): RuleOutcome {
  return { id: outcome, index: 0, name: outcome, mode: 'enforce', outcome, recipients: [], why: [], ...more };
}

function verdictOf(more: Partial<Verdict> = {}): Verdict {
  const branches = [branchOf(['ann@customer.example'])];
  return { ruleSet: 'a-hash', rules: [], audits: [], branches, kept: { people: [] }, ...more };
}

function tracedOf(verdict: Verdict): ReturnType<typeof openTrace> {
  return openTrace(key, sealTrace(key, verdict, null, randomBytes));
}

describe('the kept verdict', () => {
  it('has the rules that matched or failed, and no others', () => {
    const rules = (['matched', 'notMatched', 'excepted', 'skipped', 'failed'] as const).map((outcome) =>
      ruleOf(outcome),
    );
    expect(tracedOf(verdictOf({ rules })).rules.map(({ id }) => id)).toEqual(['matched', 'failed']);
  });

  it('loses explanations, not rules, when it would be too long for a row', () => {
    const why = Array.from({ length: 5_000 }, (_, index) => ({
      path: `/conditions/all/${index}`,
      fact: 'subject',
      operator: 'containsWords',
      matched: true,
      evidence: ['x'.repeat(200)],
    }));
    const few = tracedOf(verdictOf({ rules: [ruleOf('matched', { why: why.slice(0, 1_000) })] }));
    expect(few.rules[0]?.why).toHaveLength(1_000);
    const some = tracedOf(verdictOf({ rules: [ruleOf('matched', { why })] }));
    expect(some.rules[0]?.why).toHaveLength(200);
    const none = tracedOf(verdictOf({ rules: Array.from({ length: 30 }, () => ruleOf('matched', { why })) }));
    expect(none.rules.map((rule) => rule.why.length)).toEqual(Array.from({ length: 30 }, () => 0));
  });

  it('opens under its own key and purpose only', () => {
    const sealed = sealTrace(key, verdictOf(), null, randomBytes);
    expect(() => openTrace(new Secret<Uint8Array>(randomBytes(32)), sealed)).toThrow();
    expect(() => openSummary(key, sealed)).toThrow();
  });
});

describe('the summary', () => {
  it.each([
    ['nothing asked for protection', verdictOf(), {}, false],
    [
      'a rule asked for protection',
      verdictOf({ branches: [branchOf(['a@b.example'], { protection: ENCRYPT })] }),
      {},
      true,
    ],
    ['a rule failed that might have', verdictOf({ rules: [ruleOf('failed')] }), {}, true],
    [
      'the judge held it',
      verdictOf({ branches: [branchOf(['a@b.example'], { ending: { type: 'hold', rule: null, code: 'ERR_X' } })] }),
      {},
      true,
    ],
    ['no rule was asked', null, {}, true],
    ['it came encrypted', verdictOf(), { types: ['encrypted'] }, true],
  ] as const)('knows whether the subject may be returned: %s', (_name, verdict, mail, expected) => {
    const { isProtectionAsked } = openSummary(key, sealSummary(key, mailOf(mail), verdict, randomBytes));
    expect(isProtectionAsked).toBe(expected);
  });

  it('is short, whatever the header holds', () => {
    const long = 'x'.repeat(500_000);
    const mail = mailOf({ subject: long, headers: [{ name: 'TO', value: long }] });
    const sealed = sealSummary(key, mail, verdictOf(), randomBytes);
    expect(sealed.length).toBeLessThan(20_000);
    expect(openSummary(key, sealed).headerTo).toHaveLength(2_000);
  });
});
