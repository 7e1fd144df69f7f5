import { domainOf } from '#lib/core';
import { compileRuleSet } from '../compile/compile-rule-set.js';
import type { Action, FactRecord, RecipientFacts, Rule, RuleSettings, SenderFacts, Verdict } from '../types.js';
import { evaluate, type JudgingOptions } from '../judge/evaluate.js';

/** What tests judge with. */
export const SETTINGS: RuleSettings = {
  acceptedDomains: ['example.com'],
  partnerDomains: ['partner.example'],
  timeZone: 'UTC',
};

export const ANN = 'ann@customer.example';
export const BOB = 'bob@customer.example';
export const DORA = 'dora@example.com';
export const LEGAL = 'legal@example.com';

export const ENCRYPT: Action = {
  type: 'encrypt',
  method: 'auto',
  template: 'encrypt-only',
  onMissingKey: 'hold',
  subject: 'keep',
};
export const TAG: Action = { type: 'setHeader', name: 'X-Tag', value: '1' };

/** A rule that matches everything and stops nothing, but for what a test says. */
export function ruleOf(rule: Partial<Rule>): Rule {
  return {
    id: 'rule',
    version: 1,
    name: 'Rule',
    description: '',
    enabled: true,
    mode: 'enforce',
    priority: 0,
    conditions: { all: [] },
    exceptions: null,
    actions: [{ type: 'audit', severity: 'none' }],
    appliesTo: 'matchingRecipients',
    stopProcessing: false,
    onError: 'hold',
    activateAt: null,
    expireAt: null,
    ...rule,
  };
}

export function senderOf(address: string, displayName?: string): SenderFacts {
  return { address, domain: domainOf(address), displayName };
}

/** A message from Sue of the organization, as rules see it. */
export function recordOf(
  recipients: readonly (string | (Partial<RecipientFacts> & { readonly address: string }))[],
  more: Partial<FactRecord> = {},
): FactRecord {
  return {
    receivedAt: '2026-11-24T12:00:00.000Z',
    headers: {},
    headerFrom: [senderOf('sue@example.com', 'Sue')],
    envelopeFrom: senderOf('sue@example.com'),
    isAuthenticated: true,
    ip: '192.0.2.1',
    keysOfAdded: {},
    ...more,
    message: { subject: 'Figures', body: 'The secret figures.', to: [], cc: [], ...more.message },
    recipients: recipients.map((one) => ({
      displayName: undefined,
      in: 'to',
      keys: [],
      ...(typeof one === 'string' ? { address: one } : one),
    })),
  };
}

/** Judges with rules that are named `r0`, `r1`, … unless they have an id. */
export async function judge(
  rules: readonly Partial<Rule>[],
  record: FactRecord,
  options: JudgingOptions = { budgetMs: 1, now: () => 0 },
): Promise<Verdict> {
  const whole = rules.map((rule, index) =>
    ruleOf({ id: `r${index}`, name: `Rule ${index}`, priority: index, ...rule }),
  );
  return await evaluate(compileRuleSet({ rules: whole, settings: SETTINGS }), record, options);
}

/** Outcomes of each rule by recipient: `matched`, `skipped stopped`. */
export function outcomesOf({ rules }: Verdict): readonly string[] {
  return rules.map(({ recipients }) =>
    recipients.map(({ outcome, reason }) => (reason === undefined ? outcome : `${outcome} ${reason}`)).join(', '),
  );
}

/** Branches as recipients, ending, edits and protection. */
export function branchesOf({ branches }: Verdict): readonly (readonly string[])[] {
  return branches.map(({ recipients, ending, edits, protection }) => [
    recipients.map(({ address }) => address.split('@')[0] ?? '').join(' '),
    ending.type,
    edits.map((edit) => ('text' in edit ? edit.text : 'name' in edit ? edit.name : edit.address)).join(' '),
    protection?.method ?? 'none',
  ]);
}
