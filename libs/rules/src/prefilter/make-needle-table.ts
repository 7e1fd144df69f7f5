import { inOneGo, type Steps } from '../compile/steps.js';
import { NeedleTable, type Needle } from './needle-table.js';

/** Rows that take several children are tried in so many places before they are put at the end. */
const TRIES_MAX = 48;
const NOBODY = -1;
/** States that are made in one step of the work: a millisecond or so. */
const STATES_A_STEP = 1_000;

/** The table of these needles, by their places in the list. No needle is empty; none stands twice. 20,000 take 0.1 s. */
export function needleTableOf(needles: readonly Needle[]): NeedleTable {
  return inOneGo(needleTableInSteps(needles));
}

/** The same in steps. */
export function needleTableInSteps(needles: readonly Needle[]): Steps<NeedleTable> {
  return new NeedleTableMaker(needles).make();
}

/** Grows the arrays of a table, state by state. */
class NeedleTableMaker {
  readonly #needles: readonly Needle[];
  readonly #classes = new Uint16Array(0x10000);
  #base = new Int32Array(0);
  #check = new Int32Array(0);
  #fail = new Int32Array(0);
  #emits = new Int32Array(0);
  #plain = new Int32Array(0);
  #word = new Int32Array(0);
  #classCount = 0;
  #firstFree = 1;
  #end = 1;

  constructor(needles: readonly Needle[]) {
    this.#needles = needles;
  }

  *make(): Steps<NeedleTable> {
    const sorted = this.#needles.map((needle, index) => ({ ...needle, index }));
    yield;
    sorted.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
    yield;
    for (const { text } of sorted) {
      for (let at = 0; at < text.length; at += 1) {
        const unit = text.charCodeAt(at);
        if (this.#classes[unit] === 0) this.#classes[unit] = ++this.#classCount;
      }
    }
    this.#grow(sorted.reduce((sum, { text }) => sum + text.length, 0) + this.#classCount + 2);
    yield* this.#fill(sorted);
    return new NeedleTable({
      classes: this.#classes,
      base: this.#base,
      check: this.#check,
      fail: this.#fail,
      emits: this.#emits,
      plain: this.#plain,
      word: this.#word,
      lengths: Int32Array.from(this.#needles, ({ text }) => text.length),
    });
  }

  /** Breadth first, so that whatever a state falls back to is there before it. */
  *#fill(needles: readonly (Needle & { readonly index: number })[]): Steps<void> {
    this.#check[0] = -2;
    const queue: number[] = [0, 0, needles.length, 0];
    for (let head = 0; head < queue.length; head += 4) {
      if (head % (4 * STATES_A_STEP) === 0) yield;
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
  }
}
