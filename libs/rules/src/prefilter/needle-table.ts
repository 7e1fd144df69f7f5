/** What to look for in a text that is folded. */
export interface Needle {
  readonly text: string;
  /** Next to it stands no other letter or digit of US-ASCII, where it begins or ends with one itself. */
  readonly isWord: boolean;
}

/** Rows that take several children are tried in so many places before they are put at the end. */
const TRIES_MAX = 48;
const NOBODY = -1;
const PASSES_MAX = 2 ** 31 - 1;

/**
 * Finds many needles in one pass over a text (Aho-Corasick): a trie over UTF-16 code units in a double array, where a
 * child of state `s` by class `c` is `base[s] + c` if `check` there says `s`. 20,000 needles of ten characters take some
 * 4 MB and 0.1 s. Immutable but for scratch of a pass, which ends before it gives control away.
 */
export class NeedleTable {
  /** By code unit; 0 for those that stand in no needle. */
  readonly #classes = new Uint16Array(0x10000);
  #base = new Int32Array(0);
  #check = new Int32Array(0);
  #fail = new Int32Array(0);
  /** The first state of the chain of those whose needle ends here, 0 if none does. */
  #emits = new Int32Array(0);
  /** By state: 1 + the index of the needle that ends there; plain ones and words. */
  #plain = new Int32Array(0);
  #word = new Int32Array(0);
  /** Length of each needle. */
  readonly #lengths: Int32Array;
  /** By state: the pass in which all plain needles that end there were found. Scratch. */
  #settled = new Int32Array(0);
  #pass = 0;
  #classCount = 0;
  #firstFree = 1;
  #end = 1;

  /** No needle is empty; none stands twice. */
  constructor(needles: readonly Needle[]) {
    this.#lengths = Int32Array.from(needles, ({ text }) => text.length);
    const sorted = needles.map((needle, index) => ({ ...needle, index }));
    sorted.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
    for (const { text } of sorted) {
      for (let at = 0; at < text.length; at += 1) {
        const unit = text.charCodeAt(at);
        if (this.#classes[unit] === 0) this.#classes[unit] = ++this.#classCount;
      }
    }
    this.#grow(sorted.reduce((sum, { text }) => sum + text.length, 0) + this.#classCount + 2);
    this.#fill(sorted);
  }

  /** Bytes that the table takes. */
  get sizeBytes(): number {
    return this.#classes.byteLength + 7 * this.#base.byteLength;
  }

  /** Needles that stand in a folded text, by index, each with the place where it stands first. */
  scan(text: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    this.#beginPass();
    const [classes, base, check, fail, emits] = [this.#classes, this.#base, this.#check, this.#fail, this.#emits];
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
    const isWithin = isJoined(text, last, last + 1);
    if (isWithin && this.#settled[state] === this.#pass) return;
    this.#settled[state] = this.#pass;
    for (let one = this.#emits[state] as number; one !== 0; one = this.#emits[this.#fail[one] as number] as number) {
      const plain = (this.#plain[one] as number) - 1;
      if (plain >= 0 && !found.has(plain)) found.set(plain, last - (this.#lengths[plain] as number) + 1);
      const word = (this.#word[one] as number) - 1;
      if (word < 0 || isWithin || found.has(word)) continue;
      const first = last - (this.#lengths[word] as number) + 1;
      if (!isJoined(text, first - 1, first)) found.set(word, first);
    }
  }

  /** Breadth first, so that whatever a state falls back to is there before it. */
  #fill(needles: readonly (Needle & { readonly index: number })[]): void {
    this.#check[0] = -2;
    const queue: number[] = [0, 0, needles.length, 0];
    for (let head = 0; head < queue.length; head += 4) {
      const [state, from] = [queue[head] as number, queue[head + 1] as number];
      const [to, depth] = [queue[head + 2] as number, queue[head + 3] as number];
      let low = from;
      for (; low < to && needles[low]?.text.length === depth; low += 1) {
        const { index, isWord } = needles[low] as (typeof needles)[number];
        (isWord ? this.#word : this.#plain)[state] = index + 1;
      }
      const fallback = this.#fail[state] as number;
      const isEnd = this.#plain[state] !== 0 || this.#word[state] !== 0;
      this.#emits[state] = isEnd ? state : (this.#emits[fallback] as number);
      const starts: number[] = [];
      const steps: number[] = [];
      let unit = -1;
      for (let n = low; n < to; n += 1) {
        const here = (needles[n] as Needle).text.charCodeAt(depth);
        if (here === unit) continue;
        unit = here;
        starts.push(n);
        steps.push(this.#classes[here] as number);
      }
      if (steps.length === 0) continue;
      const base = this.#place(steps);
      this.#base[state] = base;
      // All children are there before the fallback of one is sought, since the root falls back to itself.
      steps.forEach((step) => (this.#check[base + step] = state));
      steps.forEach((step, n) => {
        this.#fail[base + step] = state === 0 ? 0 : this.#step(fallback, step);
        queue.push(base + step, starts[n] as number, starts[n + 1] ?? to, depth + 1);
      });
    }
    this.#trim();
  }

  #step(from: number, step: number): number {
    let state = from;
    for (;;) {
      const next = (this.#base[state] as number) + step;
      if (this.#check[next] === state) return next;
      if (state === 0) return 0;
      state = this.#fail[state] as number;
    }
  }

  /** A base under which all these classes are free. */
  #place(steps: readonly number[]): number {
    const [first = 1] = steps;
    const least = Math.min(...steps);
    while (this.#check[this.#firstFree] !== NOBODY) this.#firstFree += 1;
    let tries = 0;
    let base = this.#end;
    for (let slot = Math.max(this.#firstFree, first); slot < this.#end && tries < TRIES_MAX; slot += 1) {
      if (this.#check[slot] !== NOBODY) continue;
      tries += 1;
      const candidate = slot - first;
      if (steps.every((step) => this.#check[candidate + step] === NOBODY)) {
        base = candidate;
        break;
      }
    }
    if (base === this.#end) base = Math.max(0, this.#end - least);
    this.#end = Math.max(this.#end, base + Math.max(...steps) + 1);
    // Room for any class behind the last base, so that no step leaves the arrays.
    this.#grow(this.#end + 2 * this.#classCount + 2);
    return base;
  }

  #grow(size: number): void {
    if (size <= this.#base.length) return;
    this.#resize(Math.max(size, Math.ceil(this.#base.length * 1.5)));
  }

  #trim(): void {
    this.#resize(this.#end + this.#classCount + 2);
  }

  #resize(size: number): void {
    const sized = (old: Int32Array<ArrayBuffer>, empty: number): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(size);
      array.set(old.subarray(0, size));
      if (empty !== 0 && size > old.length) array.fill(empty, old.length);
      return array;
    };
    this.#base = sized(this.#base, 0);
    this.#check = sized(this.#check, NOBODY);
    this.#fail = sized(this.#fail, 0);
    this.#emits = sized(this.#emits, 0);
    this.#plain = sized(this.#plain, 0);
    this.#word = sized(this.#word, 0);
    this.#settled = sized(this.#settled, 0);
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
