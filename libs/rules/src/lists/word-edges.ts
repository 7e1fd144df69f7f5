import { HANGUL, WITHOUT_SPACES, WORD_CHARACTER } from '../text/find-words.js';

const UNKNOWN = 0xff;
const WORD = 1;
const WITHOUT = 2;
const OF_HANGUL = 4;
/** A mark or `_`, which joins letters of every script. */
const JOINER = 8;

/** By code point of the Basic Multilingual Plane, as they come. */
const known = new Uint8Array(0x10000).fill(UNKNOWN);
const knownAstral = new Map<number, number>();

/** What of a character counts for the edges of words, as a number below 16. */
export function edgeClassOf(point: number): number {
  if (point >= known.length) {
    const astral = knownAstral.get(point) ?? classify(point);
    knownAstral.set(point, astral);
    return astral;
  }
  let edge = known[point] as number;
  if (edge === UNKNOWN) {
    edge = classify(point);
    known[point] = edge;
  }
  return edge;
}

function classify(point: number): number {
  const character = String.fromCodePoint(point);
  return (
    (WORD_CHARACTER.test(character) ? WORD : 0) |
    (WITHOUT_SPACES.test(character) ? WITHOUT : 0) |
    (HANGUL.test(character) ? OF_HANGUL : 0) |
    (/[\p{M}_]/u.test(character) ? JOINER : 0)
  );
}

/** Whether a character next to the edge of a phrase makes a longer word of it; both by their classes (`hasWords`). */
export function joins(edge: number, neighbour: number): boolean {
  return JOINS[(edge << 4) | neighbour] === 1;
}

const JOINS = Uint8Array.from({ length: 256 }, (_none, pair) => {
  const [edge, neighbour] = [pair >> 4, pair & 15];
  if ((edge & WITHOUT) !== 0 || (neighbour & WORD) === 0 || (neighbour & WITHOUT) !== 0) return 0;
  return (edge & OF_HANGUL) === (neighbour & OF_HANGUL) || (neighbour & JOINER) !== 0 ? 1 : 0;
});
