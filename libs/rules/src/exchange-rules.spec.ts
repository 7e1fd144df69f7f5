import { join } from 'node:path';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import {
  actionsOf,
  exchangeRules,
  questionsOf,
  type ExchangeRule,
  type Question,
} from '../../../test/support/exchange-rules.js';
import { recordOf, ruleOf } from './fakes/samples.js';
import { compileRuleSet, evaluate, validateRule, type FactRecord, type Rule, type Verdict } from './index.js';

const SETTINGS = { acceptedDomains: ['contoso.example'], partnerDomains: ['partner.example'], timeZone: 'UTC' };

/** What was found of the rules of a file. */
interface Found {
  /** Rules whose conditions and exceptions can be said, and how often each was judged. */
  readonly judged: Map<string, number>;
  /** Rules that can be said whole. */
  readonly whole: string[];
  /** What cannot be said yet, by parameter and what it comes with, and in how many rules. */
  readonly left: Record<string, number>;
}

function propertiesOf({ properties, actions }: ExchangeRule): Partial<Rule> {
  const text = (name: string): string => (typeof properties[name] === 'string' ? properties[name] : '');
  const modes: Readonly<Record<string, Rule['mode']>> = { audit: 'audit', auditandnotify: 'auditAndNotify' };
  // The files say no zone.
  const date = (name: string): string | null =>
    text(name) === '' ? null : new Date(`${text(name)} UTC`).toISOString();
  return {
    mode: modes[text('Mode').toLowerCase()] ?? 'enforce',
    description: text('Comments'),
    activateAt: date('ActivationDate'),
    expireAt: date('ExpiryDate'),
    stopProcessing: actions['StopRuleProcessing'] === true,
  };
}

async function verdictOf(rule: Rule, change: (record: FactRecord) => void): Promise<Verdict> {
  const record = recordOf(['nobody@nowhere.example'], {
    receivedAt: rule.activateAt ?? '2026-11-24T12:00:00.000Z',
    isAuthenticated: false,
    headerFrom: [{ address: 'nobody@nowhere.example', domain: 'nowhere.example', displayName: undefined }],
    message: { subject: 'Nothing', body: 'of note', 'message.sizeBytes': 1_000 },
  });
  change(record);
  const compiled = compileRuleSet({ rules: [rule], settings: SETTINGS });
  return await evaluate(compiled, record, { budgetMs: 1, now: () => 0 });
}

/** Says a rule in our language and judges messages by it: one that it is about, and others that lack one thing each. */
async function judgeRule(given: ExchangeRule, found: Found): Promise<void> {
  const conditions = questionsOf(given.conditions);
  const exceptions = questionsOf(given.exceptions);
  const actions = actionsOf(given.actions);
  for (const name of [...conditions.left, ...exceptions.left, ...actions.left]) {
    found.left[name] = (found.left[name] ?? 0) + 1;
  }
  if (conditions.left.length > 0 || exceptions.left.length > 0) return;
  const told = actions.told.length > 0 ? actions.told : ruleOf({}).actions;
  const rule = ruleOf({
    ...propertiesOf(given),
    name: given.name,
    conditions: { all: conditions.told.map(({ leaf }) => leaf) },
    exceptions: exceptions.told.length === 0 ? null : { any: exceptions.told.map(({ leaf }) => leaf) },
    actions: told,
  });
  const { id: _id, version: _version, ...input } = rule;
  expect(validateRule(input)).toEqual({ rule: input });
  let count = 0;
  const outcome = async (of: readonly (readonly [Question, number | 'miss'])[]): Promise<unknown> => {
    count += 1;
    const verdict = await verdictOf(rule, (record) => {
      for (const [{ meet, miss }, number] of of) {
        if (number === 'miss') miss(record);
        else meet(record, number);
      }
    });
    if (verdict.rules[0]?.outcome === 'matched') expectEffects(rule, verdict);
    return verdict.rules[0]?.outcome;
  };
  const all = conditions.told;
  const none = exceptions.told.map((question) => [question, 'miss'] as const);
  for (let number = 0; number < 5; number += 1) {
    const met = all.map((question) => [question, number] as const);
    expect([given.name, number, await outcome([...none, ...met])]).toEqual([given.name, number, 'matched']);
    for (const exception of exceptions.told) {
      const case_ = [given.name, exception.parameter, await outcome([...met, [exception, number]])];
      expect(case_).toEqual([given.name, exception.parameter, 'excepted']);
    }
  }
  for (const missed of all) {
    const others = all.filter((one) => one !== missed).map((question) => [question, 0] as const);
    const case_ = [given.name, missed.parameter, await outcome([...none, ...others, [missed, 'miss']])];
    expect(case_).toEqual([given.name, missed.parameter, 'notMatched']);
  }
  found.judged.set(`${given.file} ${given.name}`, count);
  if (actions.left.length === 0) found.whole.push(given.name);
}

function expectEffects({ mode, actions }: Rule, { branches }: Verdict): void {
  const has = (type: string): boolean => mode === 'enforce' && actions.some((action) => action.type === type);
  const [branch] = branches;
  const ends = ['reject', 'delete', 'quarantine'].find(has);
  expect(branch?.ending.type).toBe(ends ?? 'deliver');
  expect(branch?.protection !== null).toBe(has('encrypt'));
  expect(branch?.edits.some(({ type }) => type === 'setSubject')).toBe(has('prependSubject'));
  expect(branch?.edits.some(({ type }) => type === 'setHeader')).toBe(has('setHeader') || has('setSpamScore'));
  const added = branches.flatMap(({ recipients }) => recipients).filter(({ origin }) => origin === 'added');
  expect(added.length > 0).toBe(has('bcc') || has('addRecipient'));
}

async function judgeAll(rules: readonly ExchangeRule[]): Promise<Found> {
  const found: Found = { judged: new Map(), whole: [], left: {} };
  for (const rule of rules) await judgeRule(rule, found);
  return found;
}

describe('mail-flow rules of Exchange', () => {
  it('guarantee the same answers in our language, as far as it goes', async () => {
    const rules = exchangeRules('test/vectors/rules/exchange-rules.jsonl');
    expect(rules).toHaveLength(18);
    const found = await judgeAll(rules);
    expect([...found.judged.keys()]).toHaveLength(14);
    expect(found.whole).toEqual([
      'Encrypt on keyword in subject',
      'Locked archives to quarantine',
      'Executable attachments refused',
      'External mark',
      'Spam score from the gateway',
      'Big mail at night',
      'Legal hold copy',
    ]);
  });
});

describeWithCorpus('mail-flow rules of Exchange in the whole corpus', (folder) => {
  it('guarantee the same answers in our language; what is left out has a name', async () => {
    const lines = exchangeRules(join(folder, 'rules/expected.jsonl'));
    const files = lines.filter(({ refuse }) => refuse === true);
    const found = await judgeAll(lines.filter(({ refuse }) => refuse !== true));
    // There is no import yet, and so nothing that could refuse these.
    expect(files.map(({ file }) => file)).toEqual([
      'bad-truncated.xml',
      'bad-doctype.xml',
      'bad-subexpression.xml',
      'bad-conflict.xml',
    ]);

    expect(found.left).toEqual({
      'FromMemberOf (directory)': 3,
      'ApplyRightsProtectionTemplate (portal)': 4,
      'MessageContainsDataClassifications (content)': 2,
      'GenerateIncidentReport (content)': 2,
      'IncidentReportContent (content)': 2,
      'RemoveOME (decryption)': 2,
      'RemoveOMEv2 (decryption)': 2,
      'RemoveRMSAttachmentEncryption (decryption)': 2,
      'RouteMessageOutboundRequireTls (mail systems)': 2,
      'ApplyRightsProtectionCustomizationTemplate (portal)': 1,
      'SubjectOrBodyMatchesPatterns (pattern that is none of RE2)': 2,
      'ModerateMessageByUser (content)': 2,
      'ApplyHtmlDisclaimerLocation (content)': 3,
      'ApplyHtmlDisclaimerText (content)': 3,
      'ApplyHtmlDisclaimerFallbackAction (content)': 3,
      'AddManagerAsRecipientType (directory)': 2,
      'BetweenMemberOf1 (directory)': 2,
      'BetweenMemberOf2 (directory)': 2,
      'NotifySender (content)': 2,
      'SentTo (name of the directory)': 1,
      'RouteMessageOutboundConnector (mail systems)': 1,
    });
    expect([lines.length, found.judged.size, found.whole.length]).toEqual([47, 33, 17]);
  });
});
