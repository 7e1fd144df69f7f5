import { foldCase, normalizeText } from '../text/fold-text.js';
import { readClass, readEscape } from '../text/pattern-class.js';
import { chanceOf } from './chance.js';

/** More alternatives than this are not worth looking for. */
const ALTERNATIVES_MAX = 200;
const DEPTH_MAX = 50;
const GROUP_START = /\((?:\?(?:P?<[^>]*>|[imsU-]*([:)])))?/y;
const REPEAT = /\{(0|[1-9]\d{0,3})(?:(,)(0|[1-9]\d{0,3})?)?\}/y;
/** Escapes that stand for one character, for one of several, and for a place. */
const [ONE, SET, PLACE] = ['afnrtvx', 'dDsSwWpP', 'bBAz'];

type Literals = readonly string[] | undefined;
/** One character, a group or a set of characters, or a place between characters. */
type Thing = { readonly letter: string } | { readonly literals: Literals } | 'place';

/** What is read here in part only, so that nothing is known about it. */
class Unread extends Error {}

/**
 * Texts one of which stands in every text that a pattern of RE2 matches, folded; `undefined` where none can be told.
 * Whatever is not read with certainty (`\Q`, unusual escapes) tells nothing. Linear in the length.
 */
export function patternLiterals(source: string): Literals {
  try {
    const literals = new Reader(normalizeText(source)).readAll();
    return literals?.map(foldCase);
  } catch (error) {
    if (error instanceof Unread) return undefined;
    throw error;
  }
}

class Reader {
  #at = 0;

  constructor(private readonly source: string) {}

  readAll(): Literals {
    const literals = this.#readAlternatives(0);
    if (this.#at < this.source.length) throw new Unread();
    return literals;
  }

  /** Up to the end of the group. */
  #readAlternatives(depth: number): Literals {
    if (depth > DEPTH_MAX) throw new Unread();
    const all: string[] = [];
    let isKnown = true;
    for (;;) {
      const one = this.#readSequence(depth);
      if (one === undefined) isKnown = false;
      else all.push(...one);
      if (this.source[this.#at] !== '|') return isKnown && all.length <= ALTERNATIVES_MAX ? all : undefined;
      this.#at += 1;
    }
  }

  /** Of what must all be there, the part that is least likely. */
  #readSequence(depth: number): Literals {
    let best: Literals;
    let run = '';
    const consider = (literals: Literals): void => {
      if (literals !== undefined && (best === undefined || chanceOfAny(literals) < chanceOfAny(best))) best = literals;
    };
    const breakRun = (rest = ''): void => {
      if (run !== '') consider([run]);
      run = rest;
    };
    while (this.#at < this.source.length && !'|)'.includes(this.source[this.#at] as string)) {
      const thing = this.#readThing(depth);
      const { least, isOnce } = this.#readRepeats();
      if (thing === 'place') continue;
      if ('letter' in thing && least > 0) {
        run += thing.letter;
        if (!isOnce) breakRun(thing.letter);
        continue;
      }
      breakRun();
      if ('literals' in thing && least > 0) consider(thing.literals);
    }
    breakRun();
    return best;
  }

  #readThing(depth: number): Thing {
    const { source } = this;
    switch (source[this.#at]) {
      case '(':
        return this.#readGroup(depth);
      case '[':
        this.#at = readClass(source, this.#at).end;
        return { literals: undefined };
      case '.':
        this.#at += 1;
        return { literals: undefined };
      case '^':
      case '$':
        this.#at += 1;
        return 'place';
      case '*':
      case '+':
      case '?':
        throw new Unread();
      case '\\':
        return this.#readEscape();
      default: {
        const letter = String.fromCodePoint(source.codePointAt(this.#at) ?? 0);
        this.#at += letter.length;
        return { letter };
      }
    }
  }

  #readGroup(depth: number): Thing {
    GROUP_START.lastIndex = this.#at;
    const [start, ending] = GROUP_START.exec(this.source) ?? [];
    if (start === undefined || this.source.startsWith('(?', this.#at) !== start.startsWith('(?')) throw new Unread();
    this.#at += start.length;
    // Flags alone. An operator behind them would repeat what stands before.
    if (ending === ')') {
      if ('*+?{'.includes(this.source[this.#at] ?? ' ')) throw new Unread();
      return 'place';
    }
    const literals = this.#readAlternatives(depth + 1);
    if (this.source[this.#at] !== ')') throw new Unread();
    this.#at += 1;
    return { literals };
  }

  #readEscape(): Thing {
    const letter = this.source[this.#at + 1] ?? '';
    const { end, codePoint } = readEscape(this.source, this.#at);
    this.#at = end;
    if (letter !== '' && PLACE.includes(letter)) return 'place';
    if (letter !== '' && SET.includes(letter)) return { literals: undefined };
    const isPunctuation = /[!-/:-@[-`{-~]/.test(letter);
    if (letter === '' || !(isPunctuation || ONE.includes(letter)) || codePoint === undefined) throw new Unread();
    return { letter: String.fromCodePoint(codePoint) };
  }

  #readRepeats(): { readonly least: number; readonly isOnce: boolean } {
    let [least, isOnce] = [1, true];
    for (;;) {
      const operator = this.source[this.#at];
      REPEAT.lastIndex = this.#at;
      const counted = operator === '{' ? REPEAT.exec(this.source) : null;
      if (counted !== null) {
        least = Math.min(least, Number(counted[1]));
        this.#at += counted[0].length;
      } else if (operator === '*' || operator === '?') {
        least = 0;
        this.#at += 1;
      } else if (operator === '+') this.#at += 1;
      else return { least, isOnce };
      isOnce = false;
      // Least rather than most of it.
      if (this.source[this.#at] === '?') this.#at += 1;
    }
  }
}

function chanceOfAny(literals: readonly string[]): number {
  return literals.reduce((sum, text) => sum + chanceOf({ text, isWord: false }), 0);
}
