import { RE2JS } from 're2js';
import { normalizeText } from './fold-text.js';
import { patternCost } from './pattern-cost.js';

/** Characters of a pattern. */
export const PATTERN_CHARS_MAX = 2_000;
/** Instructions of a compiled pattern (`programSize` of RE2). */
export const PATTERN_PROGRAM_MAX = 2_000;
/** What one pattern may take to compile, microseconds as `patternCost` counts them. */
export const PATTERN_MICROS_MAX = 30_000;
/**
 * Characters of text times instructions of one search for whether there is a match. RE2 cannot be interrupted; its slowest
 * mode takes 7 to 15 ns for each, so a search ends within some 6 s whatever the pattern and the text.
 * docs/decisions/patterns.md.
 */
export const PATTERN_WORK_MAX = 400_000_000;
/** Up to here it is also searched for where, which is slower. */
const PATTERN_PLACE_WORK_MAX = 100_000_000;
/** What is counted without compiling may be so many times what is there. */
const COUNTED_TIMES_MAX = 2;

/** An unanchored RE2 pattern, to be asked of texts in the form of `normalizeText`. */
export interface Pattern {
  readonly source: string;
  readonly program: number;
  readonly isCaseSensitive: boolean;
  readonly regex: RE2JS;
}

/** `tooLarge`: its program; `tooSlow`: its sets of characters take too long to compile. */
export type PatternProblem = 'invalid' | 'tooLong' | 'tooLarge' | 'tooSlow';

/**
 * Compiles a pattern, case-insensitive by simple Unicode folding unless told otherwise; or says why it cannot be used. What
 * would take long is seen before it is compiled.
 */
export function compilePattern(source: string, isCaseSensitive: boolean): Pattern | PatternProblem {
  if (source.length > PATTERN_CHARS_MAX) return 'tooLong';
  const text = normalizeText(source);
  const { instructions, micros, isQuoted } = patternCost(text);
  if (instructions > COUNTED_TIMES_MAX * PATTERN_PROGRAM_MAX) return 'tooLarge';
  if (micros > PATTERN_MICROS_MAX) return 'tooSlow';
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(notOnePass(text, isQuoted), isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch {
    return 'invalid';
  }
  const program = regex.programSize();
  return program > PATTERN_PROGRAM_MAX ? 'tooLarge' : { source, program, isCaseSensitive, regex };
}

/**
 * The same pattern with a group at its end that matches nothing. From one that begins with `^` re2js tries to make a
 * one-pass program, in time that grows with the cube of its optional parts (0.7 s for 480, 15 times that with sets among
 * them), and it does not try where a match can end in a group.
 */
function notOnePass(text: string, isQuoted: boolean): string {
  if (!/\^|\\A/.test(text)) return text;
  return isQuoted ? `${text}\\E()` : `${text}()`;
}

/**
 * The first match as text, `undefined` if there is none, or `'limit'` if the search would take too long. Where only
 * finding the place would take too long, the pattern stands for the match.
 */
export function findPattern(pattern: Pattern, text: string): { readonly match: string } | 'limit' | undefined {
  const work = text.length * pattern.program;
  if (work > PATTERN_WORK_MAX) return 'limit';
  if (!pattern.regex.test(text)) return undefined;
  if (work > PATTERN_PLACE_WORK_MAX) return { match: pattern.source };
  const matcher = pattern.regex.matcher(text);
  return { match: matcher.find() ? (matcher.group() ?? '') : '' };
}
