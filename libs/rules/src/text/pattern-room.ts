import { normalizeText } from './fold-text.js';
import { compilePattern, PATTERN_CHARS_MAX, PATTERN_MICROS_MAX, type Pattern, type PatternProblem } from './pattern.js';
import { patternCost } from './pattern-cost.js';

/** What all patterns of one request may take to compile together, microseconds as `patternCost` counts them. */
const REQUEST_MICROS_MAX = 200_000;
/** Likewise all patterns of a rule set, which are compiled in a thread that judges. */
const RULE_SET_MICROS_MAX = 3_000_000;

type NoRoom = 'noRoom' | 'noRoomInSet';

/**
 * Compiles patterns as long as there is room for them, equal ones once: one room for all rules of a request, so that no
 * request takes long to read, whatever it holds.
 */
export class PatternRoom {
  readonly #compiled = new Map<string, Pattern | PatternProblem | NoRoom>();
  #left: number;

  /** `ofRuleSet`: for rules that were saved one by one. Each was small enough; what has no room is an error where it is asked. */
  constructor(private readonly scope: 'ofRequest' | 'ofRuleSet' = 'ofRequest') {
    this.#left = scope === 'ofRequest' ? REQUEST_MICROS_MAX : RULE_SET_MICROS_MAX;
  }

  /** The pattern, or why it cannot be used. */
  compile(source: string, isCaseSensitive: boolean): Pattern | PatternProblem | NoRoom {
    const key = `${isCaseSensitive ? 'case' : 'any'} ${source}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    // What turns out to be no pattern takes its room as well.
    const made = this.#take(source) ? compilePattern(source, isCaseSensitive) : this.#noRoom;
    this.#compiled.set(key, made);
    return made;
  }

  get #noRoom(): NoRoom {
    return this.scope === 'ofRequest' ? 'noRoom' : 'noRoomInSet';
  }

  #take(source: string): boolean {
    const isRead = source.length <= PATTERN_CHARS_MAX;
    // What takes longer than one may is not compiled.
    this.#left -= isRead ? Math.min(PATTERN_MICROS_MAX, patternCost(normalizeText(source)).micros) : 0;
    return this.#left >= 0;
  }
}
