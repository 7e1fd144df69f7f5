import type { Condition, LeafCondition } from '../types.js';
import { oracleMember, oracleRelations } from './oracle-directory.js';
import { oracleFact, type Viewer, type World } from './oracle-facts.js';

/** A condition is true, false or in error, with the code of the error. */
export type Three = boolean | { readonly error: string };
type Scalar = string | number | boolean;

export function isError(three: Three): three is { readonly error: string } {
  return typeof three === 'object';
}

/** Kleene's "and" over a list. */
export function every(list: readonly Three[]): Three {
  if (list.includes(false)) return false;
  return list.find(isError) ?? true;
}

export function not(three: Three): Three {
  return isError(three) ? three : !three;
}

export function some(list: readonly Three[]): Three {
  if (list.includes(true)) return true;
  return list.find(isError) ?? false;
}

export interface LeafSaid {
  readonly path: string;
  readonly fact: string;
  readonly three: Three;
  /** It is about one recipient. */
  readonly isOfRecipient: boolean;
}

/** Judges a tree; `tell` is told of each leaf, in the order in which they are written. */
export function oracleTree(
  condition: Condition,
  path: string,
  viewer: Viewer,
  world: World,
  tell: (said: LeafSaid) => void,
): Three {
  const within = (one: Condition, at: string): Three => oracleTree(one, `${path}/${at}`, viewer, world, tell);
  if ('all' in condition) return every(condition.all.map((one, n) => within(one, `all/${n}`)));
  if ('any' in condition) return some(condition.any.map((one, n) => within(one, `any/${n}`)));
  if ('not' in condition) return not(within(condition.not, 'not'));
  if ('condition' in condition) {
    const named = world.conditions[condition.condition];
    if (named === undefined) throw new Error(`no condition ${condition.condition}`);
    return within(named, 'condition');
  }
  const three = oracleLeaf(condition, viewer, world);
  const isOfRecipient = /^(?:recipient\.|relation$)/.test(condition.fact);
  tell({ path, fact: condition.fact, three, isOfRecipient });
  return three;
}

const NEGATIONS: Readonly<Record<string, string>> = { notEqual: 'equal', notIn: 'in', doesNotContain: 'contains' };

function oracleLeaf({ fact, operator, value, params = {} }: LeafCondition, viewer: Viewer, world: World): Three {
  const found =
    fact === 'relation'
      ? oracleRelations([value].flat().map(String), viewer.address, world.record)
      : oracleFact(fact, params, viewer, world);
  if (typeof found === 'object' && 'errorCode' in found) return { error: found.errorCode };
  const items = (found === undefined ? [] : [found].flat()) as Scalar[];
  const values = [value].flat() as Scalar[];
  const isSensitive = params['caseSensitive'] === true;
  const say = (parts: readonly string[], facts: readonly Scalar[], wanted: readonly Scalar[]): Three => {
    const [first = '', ...rest] = parts;
    if (first === 'not') return not(say(rest, facts, wanted));
    if (first === 'everyFact') return every(facts.map((one) => say(rest, [one], wanted)));
    if (first === 'someFact') return some(facts.map((one) => say(rest, [one], wanted)));
    if (first === 'everyValue') return every(wanted.map((one) => say(rest, facts, [one])));
    if (first === 'someValue') return some(wanted.map((one) => say(rest, facts, [one])));
    if (first === 'exists') return facts.length > 0 === (value !== false);
    const positive = NEGATIONS[first];
    const asks = (one: Scalar, two: Scalar): Three =>
      first === 'memberOf' && !fact.endsWith('.groups')
        ? oracleMember(String(one), String(two), world.record)
        : holdsAsSeen(positive ?? first, one, two, isSensitive);
    const found = some(wanted.flatMap((two) => facts.map((one) => asks(one, two))));
    return positive === undefined ? found : not(found);
  };
  return say(operator.split(':'), items, values);
}

const UNSPACED_SET = '[\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Thai}]';
const UNSPACED = new RegExp(`^${UNSPACED_SET}$`, 'u');
const KOREAN = /^\p{Script=Hangul}$/u;
/** What joins to a letter that is Korean, or is not, into one word. */
const joinsTo = (letter: string): string =>
  `(?!${UNSPACED_SET})(?:[\\p{M}_]|(?${KOREAN.test(letter) ? '=' : '!'}\\p{Script=Hangul})[\\p{L}\\p{N}])`;

/** Without the characters that nobody sees. */
const seen = (text: string): string => text.replace(/[\u00ad\u200b-\u200f\u202a-\u202e]/g, '');

/** A value is meant as it is written, and as people see it; a pattern as it is written. */
function holdsAsSeen(operator: string, item: Scalar, value: Scalar, isSensitive: boolean): boolean {
  const values = typeof value === 'string' && operator !== 'matches' ? [value, seen(value)] : [value];
  return values.some((one) => holds(operator, item, one, isSensitive));
}

/** An operator on one element and one value. Text is left to the regular expressions of the runtime, which fold by themselves. */
function holds(operator: string, item: Scalar, value: Scalar, isSensitive: boolean): boolean {
  if (typeof item === 'boolean') return item === value;
  if (typeof item === 'number') return compares(operator, item, Number(value));
  const text = String(value).normalize('NFC');
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  // With and without the characters that nobody sees.
  const readings = [item, seen(item)].map((one) => one.normalize('NFC'));
  const tests = (source: string): boolean =>
    readings.some((one) => new RegExp(source, isSensitive ? 'u' : 'iu').test(one));
  switch (operator) {
    case 'equal':
    case 'in':
    case 'contains':
    case 'memberOf':
      return tests(`^(?:${literal})$`);
    case 'containsText':
      return tests(literal);
    case 'startsWith':
      return tests(`^(?:${literal})`);
    case 'endsWith':
      return tests(`(?:${literal})$`);
    case 'matches':
      return tests(text);
    case 'inCidr': {
      // IPv4 as a row of bits, of which the network is the beginning.
      const [network = '', prefix = ''] = text.split('/');
      const bits = (ip: string): string =>
        ip
          .split('.')
          .map((part) => Number(part).toString(2).padStart(8, '0'))
          .join('');
      return bits(item).startsWith(bits(network).slice(0, Number(prefix)));
    }
    case 'underDomain':
      return tests(`(?:^|@|\\.)${literal}$`);
    case 'containsWords': {
      const letters = Array.from(text);
      const [first = '', last = ''] = [letters.at(0), letters.at(-1)];
      const before = UNSPACED.test(first) ? '' : `(?<!${joinsTo(first)})`;
      const after = UNSPACED.test(last) ? '' : `(?!${joinsTo(last)})`;
      return tests(`${before}${literal.replace(/ +/g, '\\s+')}${after}`);
    }
    default:
      throw new Error(`the oracle does not know ${operator}`);
  }
}

function compares(operator: string, item: number, value: number): boolean {
  switch (operator) {
    case 'lessThan':
      return item < value;
    case 'lessThanInclusive':
      return item <= value;
    case 'greaterThan':
      return item > value;
    case 'greaterThanInclusive':
      return item >= value;
    default:
      return item === value;
  }
}
