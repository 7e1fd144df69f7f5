import { RE2JS } from 're2js';
import { normalizeText } from './fold-text.js';

/** Characters of a pattern. */
export const PATTERN_CHARS_MAX = 2_000;
/** Instructions of a compiled pattern (`programSize` of RE2). */
export const PATTERN_PROGRAM_MAX = 2_000;
/**
 * Characters of text times instructions of one search for whether there is a match. RE2 cannot be interrupted; its slowest
 * mode takes 7 to 15 ns for each, so a search ends within some 6 s whatever the pattern and the text.
 * docs/decisions/patterns.md.
 */
export const PATTERN_WORK_MAX = 400_000_000;
/** Up to here it is also searched for where, which is slower. */
const PATTERN_PLACE_WORK_MAX = 100_000_000;

/** An unanchored RE2 pattern, to be asked of texts in the form of `normalizeText`. */
export interface Pattern {
  readonly source: string;
  readonly program: number;
  readonly isCaseSensitive: boolean;
  readonly regex: RE2JS;
}

export type PatternProblem = 'invalid' | 'tooLong' | 'tooLarge';

/** Compiles a pattern, case-insensitive by simple Unicode folding unless told otherwise; or says why it cannot be used. */
export function compilePattern(source: string, isCaseSensitive: boolean): Pattern | PatternProblem {
  if (source.length > PATTERN_CHARS_MAX) return 'tooLong';
  if (repetitionsIn(source) > PATTERN_PROGRAM_MAX) return 'tooLarge';
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(normalizeText(source), isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch {
    return 'invalid';
  }
  const program = regex.programSize();
  return program > PATTERN_PROGRAM_MAX ? 'tooLarge' : { source, program, isCaseSensitive, regex };
}

/**
 * The counts in a pattern together: each costs at least so many instructions, and a pattern of 2,000 characters could ask
 * for 280,000, which take a quarter of a second to compile.
 */
function repetitionsIn(source: string): number {
  let sum = 0;
  for (const [, least = '0', most = ''] of source.matchAll(/\\.|\{(\d{1,4})(?:,(\d{0,4}))?\}/gs)) {
    sum += Math.max(Number(least), Number(most));
  }
  return sum;
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
