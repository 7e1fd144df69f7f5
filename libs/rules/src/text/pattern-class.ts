/** What re2js takes for things in a pattern, microseconds, rounded up. docs/decisions/patterns.md. */
const [UNICODE_SET, SHORT_SET, FOLDED_CHAR] = [200, 12, 0.06];
/** Code points below and above which nothing has another case. */
const [FOLD_MIN, FOLD_MAX] = [0x41, 0x1e943];
const CODE_POINT_MAX = 0x10ffff;

/** One thing read from a pattern: where what follows it begins, and what it takes to compile, microseconds. */
export interface PatternPiece {
  readonly end: number;
  readonly micros: number;
}

interface Escape extends PatternPiece {
  /** The character that it stands for; `undefined` for a set of them, or if it is none that is known here. */
  readonly codePoint: number | undefined;
}

const ESCAPE = /\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})|(.))/suy;
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Reads what begins with a backslash at `at`, outside of a text between `\Q` and `\E`. */
export function readEscape(source: string, at: number): Escape {
  ESCAPE.lastIndex = at;
  const [whole = '\\', braced, hex, octal, letter = ''] = ESCAPE.exec(source) ?? [];
  const end = at + whole.length;
  if (letter === 'p' || letter === 'P')
    return { end: endOfName(source, end), micros: UNICODE_SET, codePoint: undefined };
  if ('dDsSwW'.includes(letter) && letter !== '') return { end, micros: SHORT_SET, codePoint: undefined };
  const number = braced ?? hex;
  if (number !== undefined) return { end, micros: 0, codePoint: Number.parseInt(number, 16) };
  if (octal !== undefined) return { end, micros: 0, codePoint: Number.parseInt(octal, 8) };
  return { end, micros: 0, codePoint: CONTROLS[letter] ?? letter.codePointAt(0) };
}

/** Behind the name of `\p{Greek}` or `\pL`, whose first character is at `at`. */
function endOfName(source: string, at: number): number {
  if (source[at] !== '{') return at + String.fromCodePoint(source.codePointAt(at) ?? 0).length;
  const brace = source.indexOf('}', at);
  return brace < 0 ? source.length : brace + 1;
}

/**
 * Reads the class that begins with `[` at `at`. What a range takes depends on its width, since each character is asked for
 * its other cases: `[B-𞥂]` takes 7 ms.
 */
export function readClass(source: string, at: number): PatternPiece {
  let end = at + (source[at + 1] === '^' ? 2 : 1);
  let micros = SHORT_SET;
  for (let isFirst = true; end < source.length && (isFirst || source[end] !== ']'); isFirst = false) {
    const named = source.startsWith('[:', end) ? source.indexOf(':]', end) : -1;
    if (named >= 0) {
      micros += SHORT_SET;
      end = named + 2;
      continue;
    }
    const low = readOne(source, end);
    ({ end } = low);
    micros += low.micros + 1;
    if (low.codePoint === undefined || source[end] !== '-' || source[end + 1] === ']') continue;
    const high = readOne(source, end + 1);
    ({ end } = high);
    micros += high.micros + foldedWidth(low.codePoint, high.codePoint ?? CODE_POINT_MAX) * FOLDED_CHAR;
  }
  return { end: end + 1, micros };
}

function readOne(source: string, at: number): Escape {
  if (source[at] === '\\') return readEscape(source, at);
  const codePoint = source.codePointAt(at);
  return { end: at + String.fromCodePoint(codePoint ?? 0).length, micros: 0, codePoint };
}

/** Characters that are asked for their other cases. */
function foldedWidth(low: number, high: number): number {
  if (low <= FOLD_MIN && high >= FOLD_MAX) return 0;
  return Math.max(0, Math.min(high, FOLD_MAX) - Math.max(low, FOLD_MIN) + 1);
}
