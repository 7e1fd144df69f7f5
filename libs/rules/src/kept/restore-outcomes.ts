import { isGuard, isSending, isWriting } from '../language/actions.js';
import type { Person, PersonOutcome } from '../judge/person.js';
import { untoldOutcome } from '../judge/untold-outcome.js';
import { outcomeOfAll } from '../judge/verdict.js';
import type { KeptOutcomes, Outcome, Rule, RuleOutcome, RuleRange, RuleSetContent } from '../types.js';
import { placeOfChar } from './place-char.js';

/** A rule with its outcomes, without explanation. */
export type RestoredRule = Omit<RuleOutcome, 'why' | 'unmet' | 'overruled'>;

type Standing = Pick<Person, 'origin' | 'addedBy' | 'ended' | 'endedAt'>;

/**
 * What the rules of a set came to when it judged: those of a range, or those alone that matched or failed for the message.
 * Neither the message nor the judge is needed. Rules of which nothing could be kept are left out (`KeptOutcomes.cutAt`).
 * `receivedAt`: the clock of that judging, RFC 3339.
 */
export function restoreOutcomes(
  { rules }: Pick<RuleSetContent, 'rules'>,
  kept: KeptOutcomes,
  receivedAt: string,
  range: RuleRange | 'telling',
): readonly RestoredRule[] {
  const rows = new Map(kept.rules);
  const people = standingsOf(kept);
  const receivedMs = Date.parse(receivedAt);
  const indexes = range === 'telling' ? [...rows.keys()] : indexesOf(range, rules.length);
  const restored = indexes.flatMap((index) => {
    const rule = rules[index];
    if (rule === undefined || index >= (kept.cutAt ?? Number.POSITIVE_INFINITY)) return [];
    const row = rows.get(index);
    return [restoreOne(rule, index, people, kept, row === undefined ? '' : (kept.rows?.[row] ?? ''), receivedMs)];
  });
  return range === 'telling' ? restored.filter(({ outcome }) => isTelling(outcome)) : restored;
}

function indexesOf({ first, count }: RuleRange, length: number): number[] {
  const from = Math.max(0, first);
  return Array.from({ length: Math.max(0, Math.min(count, length - from)) }, (_, n) => from + n);
}

function isTelling(outcome: Outcome): boolean {
  return outcome === 'matched' || outcome === 'failed';
}

function restoreOne(
  rule: Rule,
  index: number,
  people: readonly Standing[],
  kept: KeptOutcomes,
  row: string,
  receivedMs: number,
): RestoredRule {
  const { id, name, mode, actions } = rule;
  const role = {
    index,
    isGuard: actions.some(({ type }) => isGuard(type)),
    isWriting: actions.some(({ type }) => isWriting(type)),
    isSending: actions.some(({ type }) => isSending(type)),
  };
  const idle = idleness(rule, receivedMs);
  const recipients = people.map((person, place) => {
    const address = kept.people[place] ?? '';
    if (idle !== undefined) return { address, outcome: 'skipped' as const, reason: idle };
    return { address, ...(toldIn(kept, row, place) ?? untoldOutcome(role, person)) };
  });
  return { id, index, name, mode, ...outcomeOfAll(recipients, idle), recipients };
}

/** Why a rule was asked for nobody, if it was not. */
function idleness({ enabled, activateAt, expireAt }: Rule, receivedMs: number): string | undefined {
  if (!enabled) return 'disabled';
  if (activateAt !== null && receivedMs < Date.parse(activateAt)) return 'notActive';
  return expireAt !== null && receivedMs >= Date.parse(expireAt) ? 'expired' : undefined;
}

function toldIn({ says = [] }: KeptOutcomes, row: string, place: number): PersonOutcome | undefined {
  const text = says[placeOfChar(row[place] ?? row.at(-1)) ?? -1];
  if (text === undefined) return undefined;
  const [outcome, reason] = text.split(' ', 2);
  return reason === undefined ? { outcome: outcome as Outcome } : { outcome: outcome as Outcome, reason };
}

function standingsOf({ people, ends = [], added = [] }: KeptOutcomes): readonly Standing[] {
  const ended = new Map(ends.map(([place, ...end]) => [place, end]));
  const addedBy = new Map(added);
  return people.map((_address, place) => {
    const [endedAt, reason] = ended.get(place) ?? [Number.POSITIVE_INFINITY, null];
    const by = addedBy.get(place);
    return {
      origin: by === undefined ? 'envelope' : 'added',
      addedBy: by ?? -1,
      ended: reason as Standing['ended'],
      endedAt,
    };
  });
}
