/** What to look for in a text that is folded. */
export interface Needle {
  readonly text: string;
  /** Next to it stands no other letter or digit of US-ASCII, where it begins or ends with one itself. */
  readonly isWord: boolean;
}

/** What a {@link NeedleTable} is made of: numbers by state, but for `classes` and `lengths`. */
export interface NeedleArrays {
  /** By code unit; 0 for those that stand in no needle. */
  readonly classes: Uint16Array;
  readonly base: Int32Array;
  readonly check: Int32Array;
  readonly fail: Int32Array;
  /** The first state of the chain of those whose needle ends here, 0 if none does. */
  readonly emits: Int32Array;
  /** 1 + the index of the needle that ends there; plain ones and words. */
  readonly plain: Int32Array;
  readonly word: Int32Array;
  /** Length of each needle. */
  readonly lengths: Int32Array;
}

const PASSES_MAX = 2 ** 31 - 1;

/**
 * Finds many needles in one pass over a text (Aho-Corasick): a trie over UTF-16 code units in a double array, where a
 * child of state `s` by class `c` is `base[s] + c` if `check` there says `s`. 20,000 needles of ten characters take some
 * 4 MB. Immutable but for scratch of a pass, which ends before it gives control away.
 */
export class NeedleTable {
  readonly #arrays: NeedleArrays;
  /** By state: the pass in which all plain needles that end there were found. Scratch. */
  readonly #settled: Int32Array;
  #pass = 0;

  constructor(arrays: NeedleArrays) {
    this.#arrays = arrays;
    this.#settled = new Int32Array(arrays.base.length);
  }

  /** Bytes that the table takes. */
  get sizeBytes(): number {
    return this.#arrays.classes.byteLength + 7 * this.#settled.byteLength;
  }

  /** Needles that stand in a folded text, by index, each with the place where it stands first. */
  scan(text: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    this.#beginPass();
    const { classes, base, check, fail, emits } = this.#arrays;
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const step = classes[text.charCodeAt(at)] as number;
      if (step === 0) {
        state = 0;
        continue;
      }
      let next = (base[state] as number) + step;
      while (check[next] !== state && state !== 0) {
        state = fail[state] as number;
        next = (base[state] as number) + step;
      }
      state = check[next] === state ? next : 0;
      if (emits[state] !== 0) this.#note(state, text, at, found);
    }
    return found;
  }

  #beginPass(): void {
    if (this.#pass === PASSES_MAX) {
      this.#settled.fill(0);
      this.#pass = 0;
    }
    this.#pass += 1;
  }

  /** Up to 32 needles end at one place: those that were found are not gone through again. */
  #note(state: number, text: string, last: number, found: Map<number, number>): void {
    const { emits, fail, plain: plains, word: words, lengths } = this.#arrays;
    const isWithin = isJoined(text, last, last + 1);
    if (isWithin && this.#settled[state] === this.#pass) return;
    this.#settled[state] = this.#pass;
    for (let one = emits[state] as number; one !== 0; one = emits[fail[one] as number] as number) {
      const plain = (plains[one] as number) - 1;
      if (plain >= 0 && !found.has(plain)) found.set(plain, last - (lengths[plain] as number) + 1);
      const word = (words[one] as number) - 1;
      if (word < 0 || isWithin || found.has(word)) continue;
      const first = last - (lengths[word] as number) + 1;
      if (!isJoined(text, first - 1, first)) found.set(word, first);
    }
  }
}

/** Letters or digits of US-ASCII, or `_`, on both sides: no word ends there. Of others the operator decides. */
function isJoined(text: string, before: number, after: number): boolean {
  return (
    before >= 0 && after < text.length && isWordUnit(text.charCodeAt(before)) && isWordUnit(text.charCodeAt(after))
  );
}

/** Of folded text, which has no capital letters of US-ASCII. */
function isWordUnit(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f;
}
