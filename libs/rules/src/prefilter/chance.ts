import type { Needle } from './needle-table.js';

/** How likely each further character of a needle makes it to stand in a text, roughly; a long one tells little more. */
const [CHANCE_OF_UNIT, UNITS_THAT_COUNT] = [0.35, 8];

/** How likely a needle stands in a text, roughly: only for choosing among several. */
export function chanceOf({ text, isWord }: Needle): number {
  return CHANCE_OF_UNIT ** Math.min(text.length, UNITS_THAT_COUNT) / (isWord ? 2 : 1);
}

/** Of several things the one that is least likely; `undefined` of none. */
export function leastLikely<T>(all: readonly T[], chance: (one: T) => number): T | undefined {
  let [best, least] = [all[0], Number.POSITIVE_INFINITY];
  for (const one of all) {
    const here = chance(one);
    if (here < least) [best, least] = [one, here];
  }
  return best;
}
