import { compilePattern, PATTERN_PROGRAM_MAX, type PatternProblem } from '../text/pattern.js';

/** Instructions of all patterns of one rule together. They take about a tenth of a second to compile. */
const PATTERNS_PROGRAM_MAX = 100_000;

/** Compiles the patterns of one rule as long as there is room for them, so that no rule takes long to read. */
export class PatternRoom {
  #left = PATTERNS_PROGRAM_MAX;

  /** Why a pattern cannot be used, `undefined` if it can. */
  check(source: string, isCaseSensitive: boolean): PatternProblem | 'noRoom' | undefined {
    if (this.#left <= 0) return 'noRoom';
    const pattern = compilePattern(source, isCaseSensitive);
    const isUsable = typeof pattern === 'object';
    this.#left -= isUsable ? pattern.program : PATTERN_PROGRAM_MAX;
    return isUsable ? undefined : pattern;
  }
}
