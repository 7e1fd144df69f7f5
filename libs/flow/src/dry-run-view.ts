import type { Action, RuleOutcome } from '#lib/rules';
import type { Accepted, Disposition, Plan, PlannedRecipient, Protection } from './message.js';
import type { JudgeRequest, Judgement } from './ports.js';
import { HIDDEN_SUBJECT } from './steps/act.js';

/** The answer of `POST /v1/rules/evaluate` (contract.md "Rules"). */
export interface DryRun {
  readonly ruleSet: string;
  readonly recipients: readonly DryRunRecipient[];
  readonly rules: readonly RuleOutcome[];
  readonly groups: readonly DryRunGroup[];
}

export interface DryRunRecipient {
  readonly address: string;
  /** Ids of the rules that matched for this recipient and are enforced. */
  readonly rules: readonly string[];
  readonly protection: Protection;
  /** The code with which this recipient's copy would be held. */
  readonly wouldHold: string | null;
}

/** Recipients that would get the same bytes, or meet the same end; those that would be held stand in no group. */
export interface DryRunGroup {
  readonly recipients: readonly string[];
  readonly protection: Protection;
  readonly actions: readonly (Action | { readonly type: 'encrypt'; readonly method: Protection })[];
  readonly subject: string;
}

type RuleSet = JudgeRequest['ruleSet'];

/** A judgement as people read it. */
export function dryRunOf(judgement: Judgement, ruleSet: RuleSet, accepted: Accepted): DryRun {
  if (judgement.kind === 'unjudged') {
    const hold = { rules: [], protection: 'none', wouldHold: judgement.code } as const;
    const recipients = accepted.recipients.map(({ address }) => ({ address, ...hold }));
    return { ruleSet: ruleSet.hash, recipients, rules: [], groups: [] };
  }
  const { plan } = judgement;
  return {
    ruleSet: ruleSet.hash,
    recipients: recipientsOf(plan, accepted),
    rules: plan.verdict?.rules ?? [],
    groups: [...groupsOf(plan, ruleSet), ...endingsOf(plan, ruleSet)],
  };
}

/** The envelope in its order, then whom rules add. */
function recipientsOf(plan: Plan, accepted: Accepted): DryRunRecipient[] {
  const found = new Map<string, DryRunRecipient>();
  for (const { recipients, protection } of plan.groups) {
    for (const { address, rules } of recipients) found.set(address, { address, rules, protection, wouldHold: null });
  }
  for (const { address, rules, state, code, protection = 'none' } of plan.dispositions) {
    found.set(address, { address, rules, protection, wouldHold: state === 'held' ? (code ?? null) : null });
  }
  const order = new Map(accepted.recipients.map(({ address }, index) => [address, index]));
  const place = (one: DryRunRecipient): number => order.get(one.address) ?? order.size;
  return [...found.values()].sort((a, b) => place(a) - place(b));
}

function groupsOf(plan: Plan, ruleSet: RuleSet): DryRunGroup[] {
  return plan.groups.map(({ recipients, protection, edits, subject }) => {
    const edit = edits.findLast((one) => one.type === 'setSubject');
    const actions = actionsOf(recipients, ruleSet);
    return {
      recipients: recipients.map(({ address }) => address),
      protection,
      actions: protection === 'none' ? actions : [...actions, { type: 'encrypt', method: protection }],
      subject: subject === 'hide' ? HIDDEN_SUBJECT : (edit?.text ?? plan.mail.subject ?? ''),
    };
  });
}

function endingsOf(plan: Plan, ruleSet: RuleSet): DryRunGroup[] {
  const ends = new Map<string, Disposition[]>();
  for (const one of plan.dispositions) {
    if (one.state === 'held') continue;
    const key = `${one.state} ${one.rule ?? ''}`;
    ends.set(key, [...(ends.get(key) ?? []), one]);
  }
  return [...ends.values()].map((recipients) => ({
    recipients: recipients.map(({ address }) => address),
    protection: 'none',
    actions: actionsOf(recipients, ruleSet),
    subject: plan.mail.subject ?? '',
  }));
}

/** What the enforced rules of these recipients do, in the order of the rules; protection is said once, as it came out. */
function actionsOf(recipients: readonly Pick<PlannedRecipient, 'rules'>[], { content }: RuleSet): Action[] {
  const ids = new Set(recipients.flatMap(({ rules }) => rules));
  return content.rules
    .filter(({ id }) => ids.has(id))
    .flatMap(({ actions }) => actions.filter(({ type }) => type !== 'encrypt'));
}
