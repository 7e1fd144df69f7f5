import type { CompiledRule, CompiledRuleSet } from '../compile/compile-rule-set.js';
import type { ConditionTrace, Outcome, RuleOutcome, Verdict, VerdictBranch } from '../types.js';
import type { Answers } from './answers.js';
import { EXPLAINED_MAX, explainTree } from './explain.js';
import type { Fold, RuleNotes } from './fold.js';
import type { Person, PersonOutcome } from './person.js';
import { placeOf } from './read-fact.js';

/** Which outcome a rule has for the message if it has several for its recipients. */
const OUTCOMES: readonly Outcome[] = ['matched', 'failed', 'excepted', 'skipped', 'notMatched'];

/** What came out of a fold that has run, for every rule and recipient. */
export function verdictOf(compiled: CompiledRuleSet, fold: Fold, answers: Answers): Verdict {
  let room = EXPLAINED_MAX;
  const rules = compiled.rules.map((rule) => {
    const why = explain(rule, fold.notes[rule.index], answers, room);
    room -= why.length;
    return ruleOutcome(rule, fold, why);
  });
  return { ruleSet: compiled.hash, rules, branches: branchesOf(fold.people.all), audits: auditsOf(compiled, fold) };
}

function explain(
  { conditions, exceptions }: CompiledRule,
  notes: RuleNotes | undefined,
  answers: Answers,
  room: number,
): readonly ConditionTrace[] {
  const asked = [...(notes?.asked ?? [])].sort((a, b) => a.person.index - b.person.index);
  const why = explainTree(conditions, asked, answers, room);
  return exceptions === null ? why : [...why, ...explainTree(exceptions, asked, answers, room - why.length)];
}

function ruleOutcome(compiled: CompiledRule, fold: Fold, why: readonly ConditionTrace[]): RuleOutcome {
  const { rule, index } = compiled;
  const idle = fold.idle(compiled);
  const recipients = fold.people.all.map((person) => ({
    address: person.address,
    ...(idle === undefined ? outcomeFor(person, index) : ({ outcome: 'skipped', reason: idle } as const)),
  }));
  const overruled = [...(fold.notes[index]?.overruled ?? [])].sort();
  return {
    id: rule.id,
    index,
    name: rule.name,
    mode: rule.mode,
    ...outcomeOfAll(recipients, idle),
    recipients,
    why,
    ...(overruled.length > 0 ? { overruled } : {}),
  };
}

/** A rule that was not asked for a recipient came after what ended the rules for it. */
function outcomeFor({ outcomes, ended }: Person, index: number): PersonOutcome {
  return outcomes.get(index) ?? { outcome: 'skipped', reason: ended ?? 'stopped' };
}

function outcomeOfAll(recipients: readonly PersonOutcome[], idle: string | undefined): PersonOutcome {
  if (idle !== undefined) return { outcome: 'skipped', reason: idle };
  // That a rule has nothing to say to added recipients says nothing about the message.
  const telling = recipients.filter(({ reason }) => reason !== 'added');
  for (const outcome of OUTCOMES) {
    const found = telling.find((one) => one.outcome === outcome);
    if (found !== undefined) return { outcome, ...(found.reason === undefined ? {} : { reason: found.reason }) };
  }
  return { outcome: 'notMatched' };
}

/** Recipients with one look and one end, in the order of the first of each. */
function branchesOf(people: readonly Person[]): readonly VerdictBranch[] {
  const branches = Map.groupBy(people, ({ look, ending }) => `${look.id} ${JSON.stringify(ending)}`);
  return [...branches.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { look, ending } = first;
    const recipients = members.map((person) => ({
      address: person.address,
      origin: person.isRedirected ? ('redirected' as const) : person.origin,
      in: placeOf(person, look),
      rules: person.rules,
    }));
    return [{ recipients, edits: look.edits, protection: look.protection, ending }];
  });
}

function auditsOf(compiled: CompiledRuleSet, fold: Fold): Verdict['audits'] {
  return compiled.rules.flatMap(({ rule, index }) => {
    const matched = [...(fold.notes[index]?.matched ?? [])].sort((a, b) => a.index - b.index);
    const audit = rule.actions.find((action) => action.type === 'audit');
    const isEnforced = rule.mode === 'enforce';
    // An enforced audit action neither protects nor blocks, so it is not for added recipients.
    const audited = isEnforced ? matched.filter(({ origin }) => origin === 'envelope') : matched;
    if (audited.length === 0 || (isEnforced && audit === undefined)) return [];
    const recipients = audited.map(({ address }) => address);
    return [{ rule: rule.id, severity: audit?.severity ?? 'none', recipients, mode: rule.mode }];
  });
}
