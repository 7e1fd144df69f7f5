import { filterBit, hashEnd, hashStep, HASH_START } from './list-layout.js';
import { edgeClassOf, joins } from './word-edges.js';

/** What the words of a list are found with. */
interface Words {
  readonly list: { hasKey(hash: number, bytes: Uint8Array, from: number, to: number): boolean };
  /** A bit for the hash of each beginning of a word. */
  readonly filter: Uint32Array;
  /** Bytes of the longest. */
  readonly longest: number;
}

/** Class of a byte that begins no character. */
const WITHIN = 0xff;
/** So many places are gone through before the clock is looked at. */
const PLACES_A_LOOK = 4_096;

/**
 * Words that stand whole in a folded text. Whether something can begin or end at a place says the text alone, so that of
 * each place where something can begin the text is read on as long as some word begins like that: a few characters, at
 * most the longest word.
 */
export function findListedWords(
  text: string,
  words: Words,
  countMax: number,
  isSpent: () => boolean = () => false,
): readonly string[] | undefined {
  const bytes = Buffer.from(text);
  const classes = classesOf(bytes);
  const found = new Set<string>();
  let before = -1;
  for (let from = 0; from < bytes.length && found.size < countMax; from += 1) {
    if (from % PLACES_A_LOOK === PLACES_A_LOOK - 1 && isSpent()) return undefined;
    const edge = classes[from] as number;
    if (edge === WITHIN) continue;
    if (before < 0 || !joins(edge, before)) findFrom(bytes, classes, from, words, countMax, found);
    before = edge;
  }
  return [...found];
}

function findFrom(
  bytes: Buffer,
  classes: Uint8Array,
  from: number,
  { list, filter, longest }: Words,
  countMax: number,
  found: Set<string>,
): void {
  const bits = 32 * filter.length;
  const end = Math.min(bytes.length, from + longest);
  let hash = HASH_START;
  let last = classes[from] as number;
  for (let at = from; at < end; at += 1) {
    hash = hashStep(hash, bytes[at] as number);
    const bit = filterBit(hash, bits);
    if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return;
    const next = at + 1 < bytes.length ? (classes[at + 1] as number) : -1;
    if (next === WITHIN) continue;
    if ((next < 0 || !joins(last, next)) && list.hasKey(hashEnd(hash), bytes, from, at + 1)) {
      found.add(bytes.toString('utf8', from, at + 1));
      if (found.size >= countMax) return;
    }
    last = next;
  }
}

/** The class of each character of a text in UTF-8, at its first byte. */
function classesOf(bytes: Uint8Array): Uint8Array {
  const classes = new Uint8Array(bytes.length).fill(WITHIN);
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      classes[at++] = edgeClassOf(first);
      continue;
    }
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = first & (0x3f >> more);
    for (let n = 1; n <= more; n += 1) point = (point << 6) | ((bytes[at + n] as number) & 0x3f);
    classes[at] = edgeClassOf(point);
    at += more + 1;
  }
  return classes;
}
