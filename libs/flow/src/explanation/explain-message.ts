import { JUDGE_VERSION, restoreOutcomes, type RuleRange, type RuleSetContent, type Verdict } from '#lib/rules';
import { judgeKnowing } from '../judge-knowing.js';
import type { LookUpPorts } from '../look-up.js';
import { openTrace } from '../message-content.js';
import type { Accepted } from '../message.js';
import type { Judge, Kms, RuleSets } from '../ports.js';
import { askedThen } from './circumstances.js';
import { compareOutcomes } from './compare-outcomes.js';
import { stateOf, type Explanation, type ExplainedJudging, type ExplainedRule } from './explanation.js';
import { outcomesOf, settledBy, type KeptJudging } from './kept-judging.js';

/** A page that is longer than this, as JSON, has fewer rules than were asked for; the next one goes on. */
const PAGE_CHARS_MAX = 8 << 20;

/** Keys and people are not asked for: they are as they were. */
export interface ExplainPorts extends Omit<LookUpPorts, 'keys' | 'directory'> {
  readonly judge: Judge;
  readonly kms: Pick<Kms, 'openDataKey' | 'secretFor'>;
  readonly ruleSets: RuleSets;
}

/** A message as the record has it, and how it was judged, the first judging first. */
export interface JudgedMessage {
  readonly accepted: Accepted;
  readonly isContentKept: boolean;
  /** A run has judged it, whether or not it kept how. */
  readonly isJudged: boolean;
  readonly judgings: readonly { readonly ruleSet: string | null; readonly kept: KeptJudging }[];
}

export interface ExplainInput {
  readonly message: JudgedMessage;
  /** What the judging of this number kept sealed; `null` if nothing. */
  readonly loadTrace: (judging: number) => Promise<Uint8Array | null>;
  /** Of this recipient alone, as it was judged last. Absent: the last judging, of those for whom it counted. */
  readonly recipient?: string;
  /** Of this judging: where a page goes on. */
  readonly judging?: number;
  readonly range: RuleRange;
}

/**
 * How a message was judged: of each rule the outcomes that it had then, and its conditions, found by judging once more with
 * the rule set, the circumstances and the clock of then. Nothing is asked of the world but the message. Where a judge of
 * today would come to something else, the outcome of then stands and the other beside it. `undefined`: there is no such
 * judging. Errors: those of the ports; what of today's judge ends in a code is an answer, without conditions.
 */
export async function explainMessage(ports: ExplainPorts, input: ExplainInput): Promise<Explanation | undefined> {
  const { message, recipient } = input;
  const { judgings, accepted, isContentKept } = message;
  const number = input.judging ?? lastOf(message, recipient);
  const one = judgings[number];
  if (one === undefined) return input.judging === undefined ? nothingOf(message) : undefined;
  const { kept, ruleSet } = one;
  const settled = lastFor(message, number);
  const shown = recipient === undefined ? settled : [recipient];
  const head = {
    ...stateOf(kept),
    judgedAt: kept.at,
    ruleSet,
    recipients: shown,
    judgeVersion: kept.judge,
    judgeVersionNow: JUDGE_VERSION,
    isContentKept,
    earlier: recipient === undefined ? earlierOf(message, number) : [],
  };
  const outcomes = outcomesOf(kept, accepted.recipients);
  if (outcomes === undefined || ruleSet === null) {
    return { ...head, unexplained: null, isDifferent: false, rules: [], next: null };
  }
  const content = await ports.ruleSets.load(accepted.organizationId, ruleSet);
  const now = await judgeAgain(ports, input, number, { hash: ruleSet, content });
  const { first, count } = input.range;
  const then = new Map(
    restoreOutcomes(content, outcomes, accepted.receivedAt, input.range).map((rule) => [rule.index, rule]),
  );
  const saidNow = new Map(now.verdict?.rules.map((rule) => [rule.index, rule]));
  const isShown = new Set(shown);
  const indexes = content.rules.slice(first, first + count).map((_rule, n) => first + n);
  const rules = indexes.flatMap(
    (index) => compareOutcomes(then.get(index), saidNow.get(index), (address) => isShown.has(address)) ?? [],
  );
  const page = fitting(rules);
  const end = page.length < rules.length ? (rules[page.length]?.index ?? first) : first + indexes.length;
  return {
    ...head,
    unexplained: now.unexplained,
    isDifferent: now.verdict !== null && JSON.stringify(now.verdict.kept) !== JSON.stringify(outcomes),
    rules: page,
    next: end < content.rules.length ? { judging: number, first: end } : null,
  };
}

/** The last judging of all, or of this recipient; -1 if there is none. */
function lastOf({ judgings, accepted }: JudgedMessage, recipient: string | undefined): number {
  if (recipient === undefined) return judgings.length - 1;
  return judgings.findLastIndex(({ kept }) => settledBy(kept, accepted.recipients).includes(recipient));
}

/** Those for whom a judging counted, and no later one did. */
function lastFor({ judgings, accepted }: JudgedMessage, number: number): readonly string[] {
  const later = new Set(judgings.slice(number + 1).flatMap(({ kept }) => settledBy(kept, accepted.recipients)));
  const [one] = judgings.slice(number, number + 1);
  return one === undefined ? [] : settledBy(one.kept, accepted.recipients).filter((address) => !later.has(address));
}

function earlierOf(message: JudgedMessage, number: number): ExplainedJudging[] {
  return message.judgings.slice(0, number).flatMap(({ kept, ruleSet }, n) => {
    const recipients = lastFor(message, n);
    return recipients.length === 0 ? [] : [{ ...stateOf(kept), judgedAt: kept.at, ruleSet, recipients }];
  });
}

function nothingOf({ isJudged, isContentKept, judgings }: JudgedMessage): Explanation {
  return {
    state: isJudged && judgings.length === 0 ? 'notKept' : 'notJudged',
    reason: null,
    judgedAt: null,
    ruleSet: null,
    recipients: [],
    judgeVersion: null,
    judgeVersionNow: JUDGE_VERSION,
    isContentKept,
    unexplained: null,
    isDifferent: false,
    earlier: [],
    rules: [],
    next: null,
  };
}

type JudgedAgain =
  { readonly verdict: Verdict; readonly unexplained: null } | { readonly verdict: null; readonly unexplained: string };

async function judgeAgain(
  ports: ExplainPorts,
  { message, loadTrace, range }: ExplainInput,
  number: number,
  ruleSet: { readonly hash: string; readonly content: RuleSetContent },
): Promise<JudgedAgain> {
  const { accepted, isContentKept } = message;
  if (!isContentKept) return without('contentDestroyed');
  const sealed = await loadTrace(number);
  if (sealed === null) return without('circumstancesNotKept');
  const [dataKey, loopSecret] = await Promise.all([
    ports.kms.openDataKey(accepted.organizationId, accepted.wrappedKey),
    ports.kms.secretFor('loop-mark'),
  ]);
  const { circumstances } = openTrace(dataKey, sealed);
  if (circumstances === undefined || circumstances === null) return without('circumstancesNotKept');
  const { known, accepted: asked, ...then } = askedThen(accepted, circumstances);
  const question = { accepted: asked, dataKey, loopSecret, ruleSet, isExplained: range };
  const { judgement } = await judgeKnowing({ ...ports, ...then }, question, known);
  if (judgement.kind === 'unjudged') return without(judgement.code);
  const { verdict } = judgement.plan;
  return verdict === null ? without('passesNow') : { verdict, unexplained: null };
}

function without(unexplained: string): JudgedAgain {
  return { verdict: null, unexplained };
}

/** As many of the rules as one page may have; one of them in any case. */
function fitting(rules: readonly ExplainedRule[]): readonly ExplainedRule[] {
  let chars = 0;
  const end = rules.findIndex((rule, n) => {
    chars += JSON.stringify(rule).length;
    return n > 0 && chars > PAGE_CHARS_MAX;
  });
  return end < 0 ? rules : rules.slice(0, end);
}
