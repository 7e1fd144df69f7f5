const BMP_SIZE = 0x10000;
/** UAX #15, UAX15-D4: a run of more than 30 non-starters gets a COMBINING GRAPHEME JOINER, which bounds reordering. */
const LONG_MARKS = /\p{M}{30}(?=\p{M})/gu;
const GRAPHEME_JOINER = '\u034f';
/** Below U+0300 every text is in NFC as it stands. */

const SURELY_NFC = /^[\x00-\u02ff]*$/;

const ASCII = /^[\x00-\x7f]*$/;

interface FoldTables {
  /** For each UTF-16 unit of the Basic Multilingual Plane the unit that stands for its case orbit. */
  readonly bmp: Uint16Array;
  /** For each high surrogate that has letters with case: low surrogate by low surrogate. */
  readonly astral: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

let tables: FoldTables | undefined;

/**
 * Text as rules compare it: stream-safe NFC (UAX #15), then simple Unicode case folding (CaseFolding.txt, C + S), which
 * never changes the number of UTF-16 units. Linear time, whatever the text.
 */
export function foldText(text: string): string {
  return foldCase(normalizeText(text));
}

/** Stream-safe NFC alone: the form of a text where case counts. */
export function normalizeText(text: string): string {
  if (SURELY_NFC.test(text)) return text;
  return text.replace(LONG_MARKS, `$&${GRAPHEME_JOINER}`).normalize('NFC');
}

/** Simple case folding alone, of a text in its normal form. */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const { bmp, astral } = (tables ??= makeTables());
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    units[i] = bmp[unit] ?? unit;
    const lows = (unit & 0xfc00) === 0xd800 ? astral.get(unit) : undefined;
    const low = lows === undefined ? 0 : text.charCodeAt(i + 1);
    // Half a pair is a character of its own, and what follows it another.
    if (lows !== undefined && (low & 0xfc00) === 0xdc00) units[++i] = lows.get(low) ?? low;
  }
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le');
}

/**
 * Simple folding is read out of the runtime's own Unicode tables: a regular expression with the flags `iu` compares by
 * it (ECMA-262, Canonicalize). Of each orbit the letter that lower-casing gives stands for the others.
 */
function makeTables(): FoldTables {
  const bmp = new Uint16Array(BMP_SIZE);
  for (let unit = 0; unit < BMP_SIZE; unit++) bmp[unit] = unit;
  const astral = new Map<number, Map<number, number>>();
  for (let point = 0; point <= 0x1ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const from = String.fromCodePoint(point);
    const to = simpleFold(from);
    if (to === from) continue;
    if (point < BMP_SIZE) bmp[point] = to.charCodeAt(0);
    else {
      const lows = astral.get(from.charCodeAt(0)) ?? new Map<number, number>();
      astral.set(from.charCodeAt(0), lows.set(from.charCodeAt(1), to.charCodeAt(1)));
    }
  }
  return { bmp, astral };
}

function simpleFold(letter: string): string {
  const lower = letter.toLowerCase();
  const viaUpper = letter.toUpperCase().toLowerCase();
  if (lower === letter && viaUpper === letter) return letter;
  const same = new RegExp(`^${letter}$`, 'iu');
  // Lower case of the upper case first: it takes final sigma, long s and the like to the common letter.
  return [viaUpper, lower].find((to) => to.length === letter.length && same.test(to)) ?? letter;
}
