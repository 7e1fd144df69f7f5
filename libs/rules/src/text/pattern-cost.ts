import { readClass, readEscape } from './pattern-class.js';

/** What re2js takes to compile anything, each character and each instruction, microseconds, rounded up. */
const [ANYTHING, CHARACTER, INSTRUCTION] = [30, 1, 2.5];
/** Instructions around a group (`(`, `)`), and that an operator adds. */
const [GROUP, OPERATOR] = [2, 2];
const REPEAT = /\{(0|[1-9]\d{0,3})(?:(,)(0|[1-9]\d{0,3})?)?\}/y;
const GROUP_START = /\((?:\?(?:P?<[^>]*>|[imsU-]*([:)])?))?/y;

/** What it takes to compile a pattern, at most. */
export interface PatternCost {
  /** Size of its program. */
  readonly instructions: number;
  readonly micros: number;
  /** The pattern ends within a text that `\Q` began. */
  readonly isQuoted: boolean;
}

/** A group that is open: what stands in it, and the last thing in it, which an operator would repeat. */
interface OpenGroup {
  sum: number;
  last: number;
}

/**
 * Reads a pattern as re2js does, and counts instead of compiling. Of a pattern that is none it counts at least up to the
 * place where re2js stops. Linear in the length.
 */
export function patternCost(source: string): PatternCost {
  const reader = new Reader(source);
  reader.readAll();
  const instructions = Math.min(reader.instructions, Number.MAX_SAFE_INTEGER);
  const micros = ANYTHING + source.length * CHARACTER + instructions * INSTRUCTION + reader.micros;
  return { instructions, micros: Math.ceil(micros), isQuoted: reader.isQuoted };
}

class Reader {
  /** Of sets of characters. */
  micros = 0;
  isQuoted = false;
  readonly #source: string;
  readonly #groups: OpenGroup[] = [{ sum: 0, last: 0 }];

  constructor(source: string) {
    this.#source = source;
  }

  get instructions(): number {
    return this.#groups.reduce((all, { sum, last }) => all + sum + last + GROUP, GROUP);
  }

  readAll(): void {
    for (let at = 0; at < this.#source.length;) at = this.#readAt(at);
  }

  #readAt(at: number): number {
    const source = this.#source;
    switch (source[at]) {
      case '(':
        return this.#open(at);
      case ')':
        return this.#close(at);
      case '|':
        this.#add(OPERATOR);
        this.#add(0);
        return at + 1;
      case '*':
      case '+':
      case '?':
        this.#repeat(1, OPERATOR);
        return at + 1;
      case '{':
        return this.#readRepeat(at);
      case '[': {
        const { end, micros } = readClass(source, at);
        this.#add(1, micros);
        return end;
      }
      case '\\': {
        if (source[at + 1] === 'Q') return this.#readQuoted(at + 2);
        const { end, micros } = readEscape(source, at);
        this.#add(1, micros);
        return end;
      }
      default:
        this.#add(1);
        return at + ((source.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    }
  }

  get #group(): OpenGroup {
    return this.#groups.at(-1) ?? { sum: 0, last: 0 };
  }

  #add(instructions: number, micros = 0): void {
    const group = this.#group;
    group.sum += group.last;
    group.last = instructions;
    this.micros += micros;
  }

  #repeat(times: number, more: number): void {
    const group = this.#group;
    group.last = group.last * times + more;
  }

  /** A flag group `(?i)` is nothing by itself: an operator behind it repeats what stands before it. */
  #open(at: number): number {
    GROUP_START.lastIndex = at;
    const [start = '(', ending] = GROUP_START.exec(this.#source) ?? [];
    if (ending !== ')') this.#groups.push({ sum: 0, last: 0 });
    return at + start.length;
  }

  #close(at: number): number {
    const { sum, last } = this.#groups.length > 1 ? (this.#groups.pop() as OpenGroup) : { sum: 0, last: 0 };
    this.#add(Math.max(1, sum + last) + GROUP);
    return at + 1;
  }

  #readRepeat(at: number): number {
    REPEAT.lastIndex = at;
    const found = REPEAT.exec(this.#source);
    if (found === null) {
      this.#add(1);
      return at + 1;
    }
    const [whole, least, comma, most = comma === undefined ? least : undefined] = found;
    const [from, to] = [Number(least), Number(most ?? least)];
    this.#repeat(Math.max(1, from, to), Math.max(0, to - from) + OPERATOR);
    return at + whole.length;
  }

  #readQuoted(at: number): number {
    const found = this.#source.indexOf('\\E', at);
    const end = found < 0 ? this.#source.length : found;
    for (const _one of this.#source.slice(at, end)) this.#add(1);
    this.isQuoted = found < 0;
    return end + 2;
  }
}
