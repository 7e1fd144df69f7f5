import type { CompiledRule, CompiledRuleSet } from '../compile/compile-rule-set.js';
import { keepOutcomes } from '../kept/keep-outcomes.js';
import type { ConditionTrace, Ending, Outcome, RuleOutcome, RuleRange, Verdict, VerdictBranch } from '../types.js';
import type { Answers } from './answers.js';
import type { Asked } from './asked.js';
import { isAskedFor } from './branch-outcomes.js';
import { EXPLAINED_MAX, explainTree } from './explain.js';
import type { Fold } from './fold.js';
import { lookAt, type Person, type PersonOutcome } from './person.js';
import { placeOf } from './read-fact.js';
import { untoldOutcome } from './untold-outcome.js';

/** Which outcome a rule has for the message if it has several for its recipients. */
const OUTCOMES: readonly Outcome[] = ['matched', 'failed', 'excepted', 'skipped', 'notMatched'];

/**
 * What came out of a fold that has run, for every recipient, and every rule, those of a range, or (`false`) those alone that
 * matched or failed.
 */
export function verdictOf(
  compiled: CompiledRuleSet,
  fold: Fold,
  answers: Answers,
  isExplained: boolean | RuleRange,
): Verdict {
  let room = EXPLAINED_MAX;
  const rules = toldOf(compiled, fold, isExplained).map((rule) => {
    const asked = fold.idle(rule) === undefined ? askedOf(rule, fold) : [];
    const why = explain(rule, asked, answers, room);
    room -= why.length;
    return ruleOutcome(rule, fold, why, asked.length > 0 && !fold.wasAsked(rule));
  });
  return {
    ruleSet: compiled.hash,
    rules,
    branches: branchesOf(fold.people.all),
    audits: auditsOf(compiled, fold),
    kept: keepOutcomes(compiled, fold),
  };
}

function toldOf(compiled: CompiledRuleSet, fold: Fold, isExplained: boolean | RuleRange): readonly CompiledRule[] {
  if (isExplained === false) return telling(compiled, fold);
  if (isExplained === true) return compiled.rules;
  const { first, count } = isExplained;
  return compiled.rules.slice(Math.max(0, first), Math.max(0, first) + Math.max(0, count));
}

/** The rules that matched or failed for somebody, in their order. */
function telling(compiled: CompiledRuleSet, { notes, people }: Fold): readonly CompiledRule[] {
  const isTold = (index: number): boolean =>
    people.all.some(({ outcomes }) => ['matched', 'failed'].includes(outcomes.get(index)?.outcome ?? ''));
  const indexes = [...notes.keys()].filter(isTold).sort((a, b) => a - b);
  return indexes.flatMap((index) => compiled.rules[index] ?? []);
}

/**
 * Recipients for whom a rule was asked, or would have been had it been a candidate then, with the look they had; in their
 * order.
 */
function askedOf(compiled: CompiledRule, { people, notes }: Fold): readonly Asked[] {
  const { index } = compiled;
  const asked = [...(notes.get(index)?.asked ?? [])];
  for (const person of people.all) {
    if (!person.outcomes.has(index) && index <= person.endedAt && isAskedFor(compiled, person)) {
      asked.push({ person, look: lookAt(person, index) });
    }
  }
  return asked.length > 1 ? asked.sort((a, b) => a.person.index - b.person.index) : asked;
}

/** JSON pointers of the conditions of the requirement: none of them was met, for nobody. */
function unmetBy({ requirement = [] }: CompiledRule): readonly string[] {
  return requirement.map(({ path }) => path);
}

function explain(
  { conditions, exceptions }: CompiledRule,
  asked: readonly Asked[],
  answers: Answers,
  room: number,
): readonly ConditionTrace[] {
  const why: ConditionTrace[] = [];
  if (asked.length === 0) return why;
  explainTree(conditions, asked, answers, room, why);
  if (exceptions !== null) explainTree(exceptions, asked, answers, room, why);
  return why;
}

function ruleOutcome(
  compiled: CompiledRule,
  fold: Fold,
  why: readonly ConditionTrace[],
  isLeftOut: boolean,
): RuleOutcome {
  const { rule, index } = compiled;
  const idle = fold.idle(compiled);
  const recipients = fold.people.all.map((person) => ({
    address: person.address,
    ...(idle === undefined ? outcomeFor(person, compiled) : ({ outcome: 'skipped', reason: idle } as const)),
  }));
  const overruled = [...(fold.notes.get(index)?.overruled ?? [])].sort();
  return {
    id: rule.id,
    index,
    name: rule.name,
    mode: rule.mode,
    ...outcomeOfAll(recipients, idle),
    recipients,
    why,
    ...(isLeftOut ? { unmet: unmetBy(compiled) } : {}),
    ...(overruled.length > 0 ? { overruled } : {}),
  };
}

function outcomeFor(person: Person, compiled: CompiledRule): PersonOutcome {
  return person.outcomes.get(compiled.index) ?? untoldOutcome(compiled, person);
}

/** What a rule comes to for the message, of what it came to for each recipient; `idle`: why it was asked for nobody. */
export function outcomeOfAll(recipients: readonly PersonOutcome[], idle: string | undefined): PersonOutcome {
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
  const branches = Map.groupBy(people, ({ look, ending }) => `${look.id} ${wordsOf(ending)}`);
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

/** Most end like this one: that it is told without much ado counts where there are hundreds. */
function wordsOf(ending: Ending): string {
  return ending.type === 'deliver' ? ending.type : JSON.stringify(ending);
}

function auditsOf(compiled: CompiledRuleSet, fold: Fold): Verdict['audits'] {
  const indexes = [...fold.notes.keys()].sort((a, b) => a - b);
  return indexes.flatMap((index) => {
    const rule = compiled.rules[index]?.rule;
    if (rule === undefined) return [];
    const matched = [...(fold.notes.get(index)?.matched ?? [])].sort((a, b) => a.index - b.index);
    const audit = rule.actions.find((action) => action.type === 'audit');
    const isEnforced = rule.mode === 'enforce';
    // An enforced audit action neither protects nor blocks, so it is not for added recipients.
    const audited = isEnforced ? matched.filter(({ origin }) => origin === 'envelope') : matched;
    if (audited.length === 0 || (isEnforced && audit === undefined)) return [];
    const recipients = audited.map(({ address }) => address);
    return [{ rule: rule.id, severity: audit?.severity ?? 'none', recipients, mode: rule.mode }];
  });
}
