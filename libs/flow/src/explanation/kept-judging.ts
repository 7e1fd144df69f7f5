import { JUDGE_VERSION, type KeptOutcomes, type Verdict } from '#lib/rules';
import type { Accepted, RecipientRecord } from '../message.js';

/** What of a recipient is asked to know it by its number. */
type Named = Pick<RecipientRecord, 'n' | 'origin' | 'address'>;

/** A recipient of the envelope by its number, one whom a rule added by its address. */
export type Who = number | string;

/**
 * How a run judged, as the record keeps it in plain: who came to what, without names and without content, so that it may
 * outlive the message. `people` are those whom the run saw, in the order of the verdict; `settled`: places in it of those for
 * whom it counted (the others had been judged before, or wait for another rule set), absent where all did.
 */
export type KeptJudging = {
  /** RFC 3339, when the run ended. */
  readonly at: string;
  /** `JUDGE_VERSION` of then. */
  readonly judge: number;
  readonly people: readonly Who[];
} & (
  | ({ readonly kind: 'judged'; readonly settled?: readonly number[] } & Omit<KeptOutcomes, 'people'>)
  /** Without rules: a notice of ours, or mail of ours that came back once. */
  | { readonly kind: 'passed'; readonly as: 'notice' | 'loop' }
  /** Could not be judged: held with this code, or released unprotected. */
  | { readonly kind: 'unjudged'; readonly code: string }
);

/** What a run came to: the verdict, that it passes without rules (`null`), or the code with which it could not be judged. */
export type Judged = { readonly verdict: Verdict | null } | { readonly unjudged: string };

/** `settled`: addresses of the recipients that the run closes. */
export function keepJudging(accepted: Accepted, judged: Judged, settled: readonly string[], at: Date): KeptJudging {
  const whoOf = namer(accepted.recipients);
  const head = { at: at.toISOString(), judge: JUDGE_VERSION };
  if ('unjudged' in judged) {
    return { ...head, kind: 'unjudged', code: judged.unjudged, people: settled.map(whoOf) };
  }
  if (judged.verdict === null) {
    const as = accepted.kind === 'notice' ? 'notice' : 'loop';
    return { ...head, kind: 'passed', as, people: settled.map(whoOf) };
  }
  const { people, ...outcomes } = judged.verdict.kept;
  const isSettled = new Set(settled);
  const places = people.flatMap((address, place) => (isSettled.has(address) ? [place] : []));
  const isForAll = places.length === people.length;
  return {
    ...head,
    kind: 'judged',
    people: people.map(whoOf),
    ...(isForAll ? {} : { settled: places }),
    ...outcomes,
  };
}

/** The outcomes with the addresses of the message's recipients; `undefined` of what no rules judged. */
export function outcomesOf(kept: KeptJudging, recipients: readonly Named[]): KeptOutcomes | undefined {
  if (kept.kind !== 'judged') return undefined;
  const { at: _at, judge: _judge, kind: _kind, people, settled: _settled, ...outcomes } = kept;
  return { people: addressesOf(people, recipients), ...outcomes };
}

/** Addresses of those for whom the run counted. */
export function settledBy(kept: KeptJudging, recipients: readonly Named[]): readonly string[] {
  const addresses = addressesOf(kept.people, recipients);
  if (kept.kind !== 'judged' || kept.settled === undefined) return addresses;
  const places = new Set(kept.settled);
  return addresses.filter((_address, place) => places.has(place));
}

/** Names recipients as they are kept. */
export function namer(recipients: readonly Named[]): (address: string) => Who {
  const numbers = new Map(recipients.flatMap(({ origin, address, n }) => (origin === 'added' ? [] : [[address, n]])));
  return (address) => numbers.get(address) ?? address;
}

/** The addresses of those who are named so; of a number that no recipient has an empty one. */
export function addressesOf(people: readonly Who[], recipients: readonly Named[]): readonly string[] {
  const addresses = new Map(recipients.map(({ n, address }) => [n, address]));
  return people.map((who) => (typeof who === 'number' ? (addresses.get(who) ?? '') : who));
}
