import type { FactType } from '../language/facts.js';
import type { Predicate } from '../language/operators.js';
import { readingsOfValue, searchedParts, type Scalar } from '../language/targets.js';
import { collapseSpace } from '../text/find-words.js';
import { chanceOf, leastLikely } from './chance.js';
import type { Needle } from './needle-table.js';
import { patternLiterals } from './pattern-literals.js';

/** Longer needles tell nothing more. */
const UNITS_MAX = 32;

/**
 * Needles one of which stands in an element, folded, wherever this value is found in it; `undefined` where none can be
 * told. The element is a reading of the fact, as the operator gets it.
 */
export function targetNeedles(type: FactType, predicate: Predicate, value: Scalar): readonly Needle[] | undefined {
  if (typeof value !== 'string') return undefined;
  switch (predicate) {
    case 'containsText':
    case 'startsWith':
    case 'endsWith':
      return sound(partsOf(type, predicate, value).map(clipped));
    case 'containsWords':
      return sound(partsOf(type, predicate, value).map(wordOf));
    case 'matches':
      return sound(patternLiterals(value)?.map(clipped));
    default:
      return undefined;
  }
}

function partsOf(type: FactType, predicate: Predicate, value: string): readonly string[] {
  return readingsOfValue(type, predicate, value).flatMap((reading) => searchedParts(type, reading, false));
}

/** Half a surrogate pair is found in a pair that is not folded, and not in one that is. */
function sound(needles: readonly Needle[] | undefined): readonly Needle[] | undefined {
  return needles?.every(({ text }) => text !== '' && text.isWellFormed()) === true ? needles : undefined;
}

function clipped(text: string): Needle {
  const high = text.charCodeAt(UNITS_MAX - 1);
  const isSplit = text.length > UNITS_MAX && (high & 0xfc00) === 0xd800;
  return { text: text.slice(0, isSplit ? UNITS_MAX - 1 : UNITS_MAX), isWord: false };
}

/** White space of a phrase may be any in the text, so that only what stands between it is sure. */
function wordOf(part: string): Needle {
  const words = collapseSpace(part).trim().split(' ');
  const needles = words.map((word) => (word.length > UNITS_MAX ? clipped(word) : { text: word, isWord: true }));
  return leastLikely(needles, chanceOf) ?? { text: '', isWord: true };
}
