import type { CompiledRuleSet } from '../compile/compile-rule-set.js';
import type { Fold } from '../judge/fold.js';
import type { Person, PersonOutcome } from '../judge/person.js';
import { untoldOutcome } from '../judge/untold-outcome.js';
import type { KeptOutcomes } from '../types.js';
import { NOTHING_TOLD, placeChar } from './place-char.js';

/** Rows of more characters than this together are not kept; with few recipients no rule set comes near it. */
const ROWS_CHARS_MAX = 128 * 1024;
const RULES_MAX = 20_000;

/** What came out of a fold that has run: what each rule that was asked came to, as far as that does not follow from the rest. */
export function keepOutcomes(compiled: CompiledRuleSet, { people: { all }, notes }: Fold): KeptOutcomes {
  const says = new Places<string>();
  const rows = new Places<string>();
  const rules: (readonly [number, number])[] = [];
  let cutAt: number | undefined;
  for (const index of [...notes.keys()].sort((a, b) => a - b)) {
    const rule = compiled.rules[index];
    if (rule === undefined) continue;
    const outcomes = all.map((person) => {
      const told = person.outcomes.get(index);
      return told === undefined || isSame(told, untoldOutcome(rule, person)) ? undefined : told;
    });
    if (outcomes.every((outcome) => outcome === undefined)) continue;
    const row = outcomes.map((told) => (told === undefined ? NOTHING_TOLD : placeChar(says.of(textOf(told))))).join('');
    rules.push([index, rows.of(row.replace(/(.)\1+$/su, '$1'))]);
    if (rows.chars <= ROWS_CHARS_MAX && rules.length <= RULES_MAX) continue;
    rules.pop();
    cutAt = index;
    break;
  }
  return {
    people: all.map(({ address }) => address),
    ...(rules.length === 0 ? {} : { says: says.values, rows: rows.values.slice(0, rowsOf(rules)), rules }),
    ...lists({ ends: endsOf(all), added: addedOf(all) }),
    ...(cutAt === undefined ? {} : { cutAt }),
  };
}

/** Rows that the rules name: the one that was too much is not among them. */
function rowsOf(rules: readonly (readonly [number, number])[]): number {
  return 1 + rules.reduce((most, [, row]) => Math.max(most, row), 0);
}

/** Values in the order in which they first came, each once. */
class Places<T extends string> {
  readonly values: T[] = [];
  chars = 0;
  readonly #places = new Map<T, number>();

  of(value: T): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    this.#places.set(value, this.values.length);
    this.chars += value.length;
    return this.values.push(value) - 1;
  }
}

function isSame(a: PersonOutcome, b: PersonOutcome): boolean {
  return a.outcome === b.outcome && a.reason === b.reason;
}

function textOf({ outcome, reason }: PersonOutcome): string {
  return reason === undefined ? outcome : `${outcome} ${reason}`;
}

function endsOf(all: readonly Person[]): (readonly [number, number, string])[] {
  return all.flatMap(({ index, ended, endedAt }) => (ended === null ? [] : [[index, endedAt, ended] as const]));
}

function addedOf(all: readonly Person[]): (readonly [number, number])[] {
  return all.flatMap(({ index, origin, addedBy }) => (origin === 'added' ? [[index, addedBy] as const] : []));
}

/** Those lists that are not empty. */
function lists<T extends Readonly<Record<string, readonly unknown[]>>>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, list]) => list.length > 0)) as Partial<T>;
}
