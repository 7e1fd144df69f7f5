import type { TextForms } from '../judge/text-forms.js';
import type { Target } from '../language/targets.js';
import type { NeedleTable } from './needle-table.js';

const NOTHING: ReadonlyMap<number, number> = new Map();

/** All needles of a rule set, and which of them belong to a value of a condition. */
interface Needles {
  readonly table: NeedleTable;
  needlesOf(target: Target): readonly number[] | undefined;
}

/** What the needles of a rule set found in the texts of one message: each text is searched once for all of them. */
export class TextHits {
  readonly #found = new Map<string, ReadonlyMap<number, number>>();

  constructor(
    private readonly needles: Needles,
    private readonly forms: TextForms,
  ) {}

  /** Needles in one reading of a text, with the first place of each in its folded form. */
  of(text: string): ReadonlyMap<number, number> {
    if (text === '') return NOTHING;
    let found = this.#found.get(text);
    if (found === undefined) {
      found = this.needles.table.scan(this.forms.of(text, false));
      this.#found.set(text, found);
    }
    return found;
  }

  /**
   * From where on a value may be found in a reading of a text (place in its folded form), `-1` if it is not in it, 0 where
   * nothing is known.
   */
  startOf(target: Target, text: string): number {
    const needles = this.needles.needlesOf(target);
    if (needles === undefined) return 0;
    const found = this.of(text);
    let start = -1;
    for (const needle of needles) {
      const place = found.get(needle);
      if (place !== undefined && (start < 0 || place < start)) start = place;
    }
    return start;
  }
}
