import { listDamaged } from '../errors.js';
import type { ListReference } from '../types.js';
import { findListedWords } from './find-listed-words.js';
import { textOfKey, writeKey } from './list-key.js';
import {
  BLOCK_ENTRIES,
  FINGERPRINT_BITS,
  fingerprintOf,
  hashOf,
  HEADER,
  HEADER_WORDS,
  LIST_TYPES,
  MAGIC,
  slotOf,
} from './list-layout.js';

/** Longer than any key; what is longer is in no list. */
const SCRATCH_BYTES = 4_096;

/** One version of a named list, ready to be asked: over memory that threads share, and that nobody writes. */
export class PackedList {
  readonly #starts: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #filter: Uint32Array;
  readonly #keys: Uint8Array;
  readonly #longest: number;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);

  /** Use {@link openPackedList}. */
  constructor(
    readonly reference: ListReference,
    buffer: ArrayBufferLike,
  ) {
    const header = new Uint32Array(buffer, 0, Math.min(HEADER_WORDS, Math.floor(buffer.byteLength / 4)));
    const part = (name: keyof typeof HEADER): number => header[HEADER[name]] ?? -1;
    const [blocks, slots, filterWords] = [part('blocks'), part('slots'), part('filterWords')];
    const keyBytes = part('keyBytes');
    const isWhole =
      part('magic') === MAGIC &&
      LIST_TYPES[part('type')] === reference.type &&
      part('count') === reference.count &&
      blocks === Math.ceil(reference.count / BLOCK_ENTRIES) &&
      slots > reference.count &&
      (filterWords & (filterWords - 1)) === 0 &&
      4 * (HEADER_WORDS + blocks + 1 + slots + filterWords) + keyBytes === buffer.byteLength;
    if (!isWhole) throw listDamaged('header');
    this.#longest = part('longest');
    let at = 4 * HEADER_WORDS;
    this.#starts = new Uint32Array(buffer, at, blocks + 1);
    at += 4 * (blocks + 1);
    this.#slots = new Uint32Array(buffer, at, slots);
    at += 4 * slots;
    this.#filter = new Uint32Array(buffer, at, filterWords);
    at += 4 * filterWords;
    this.#keys = new Uint8Array(buffer, at, keyBytes);
    const inOrder = this.#starts.every((start, n) => n === 0 || start > (this.#starts[n - 1] as number));
    if (!inOrder || this.#starts[0] !== 0 || this.#starts[blocks] !== keyBytes) throw listDamaged('blocks');
  }

  /** Whether an entry is in it, given as operators compare elements: folded (`foldText`). Less than a microsecond. */
  has(entry: string): boolean {
    const length = writeKey(this.reference.type, entry, this.#scratch);
    if (length === undefined || length > this.#longest) return false;
    return this.hasKey(hashOf(this.#scratch, 0, length), this.#scratch, 0, length);
  }

  /**
   * Entries of a list of words that stand whole in a text, as `containsWords` means it; of the same place the shorter
   * first. The text folded and with its white space collapsed (`TextForms.spaced`). At most `countMax` of them, each once.
   * `undefined`: `isSpent` said that there is no more time.
   */
  findWords(text: string, countMax = 1, isSpent?: () => boolean): readonly string[] | undefined {
    const means = { list: this, filter: this.#filter, longest: this.#longest };
    return findListedWords(text, means, countMax, isSpent);
  }

  /** Whether the bytes between `from` and `to`, of which `hash` is the hash, are a key. */
  hasKey(hash: number, bytes: Uint8Array, from: number, to: number): boolean {
    const slots = this.#slots;
    const fingerprint = fingerprintOf(hash);
    let at = slotOf(hash, slots.length);
    for (let tries = slots.length; tries > 0; tries -= 1) {
      const slot = slots[at] as number;
      if (slot === 0) return false;
      if (fingerprintOf(slot) === fingerprint && this.#blockHas((slot >>> FINGERPRINT_BITS) - 1, bytes, from, to)) {
        return true;
      }
      at = at + 1 === slots.length ? 0 : at + 1;
    }
    return false;
  }

  /** Entries in the order of their bytes, behind `after` if that is given, at most `limit`. */
  page(after: string | null, limit: number): readonly string[] {
    const found: string[] = [];
    for (const key of this.#keysFrom(after === null ? 0 : this.#blockFor(after))) {
      if (found.length >= limit) break;
      const entry = textOfKey(this.reference.type, key);
      if (after === null || Buffer.compare(Buffer.from(key), this.#keyOf(after)) > 0) found.push(entry);
    }
    return found;
  }

  /** All keys in their order; what is given holds until the next one is. */
  keys(): Generator<Uint8Array> {
    return this.#keysFrom(0);
  }

  *#keysFrom(first: number): Generator<Uint8Array> {
    const key = new Uint8Array(SCRATCH_BYTES);
    for (let block = first; block + 1 < this.#starts.length; block += 1) {
      const end = this.#starts[block + 1] as number;
      let [at, length] = [this.#starts[block] as number, 0];
      while (at < end) {
        const shared = this.#keys[at] as number;
        const [rest, from] = this.#lengthAt(at + 1);
        if (shared > length || from + rest > end || shared + rest > SCRATCH_BYTES) throw listDamaged('keys');
        key.set(this.#keys.subarray(from, from + rest), shared);
        length = shared + rest;
        at = from + rest;
        yield key.subarray(0, length);
      }
    }
  }

  /** The last block whose first key is not behind an entry. */
  #blockFor(entry: string): number {
    const sought = this.#keyOf(entry);
    let [low, high] = [0, Math.max(0, this.#starts.length - 2)];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const [rest, from] = this.#lengthAt((this.#starts[middle] as number) + 1);
      if (Buffer.compare(this.#keys.subarray(from, from + rest), sought) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #keyOf(entry: string): Uint8Array {
    return this.#scratch.subarray(0, writeKey(this.reference.type, entry, this.#scratch) ?? 0);
  }

  #blockHas(block: number, bytes: Uint8Array, from: number, to: number): boolean {
    const keys = this.#keys;
    const [start, end] = [this.#starts[block], this.#starts[block + 1]];
    if (start === undefined || end === undefined) throw listDamaged('slots');
    let at = start;
    /** Bytes that the entry before has in common with what is sought. */
    let common = 0;
    while (at < end) {
      const shared = keys[at++] as number;
      let rest = keys[at++] as number;
      if (rest > 0x7f) rest = (rest & 0x7f) | ((keys[at++] as number) << 7);
      // Where it shares more with the entry before than that had in common, it differs at the same place.
      if (shared <= common) {
        const length = Math.min(rest, to - from - shared);
        let n = 0;
        while (n < length && keys[at + n] === bytes[from + shared + n]) n += 1;
        common = shared + n;
        if (n === rest && common === to - from) return true;
      }
      at += rest;
    }
    if (at !== end) throw listDamaged('keys');
    return false;
  }

  /** A length at a place of the keys, and the place behind it. */
  #lengthAt(at: number): readonly [length: number, next: number] {
    const low = this.#keys[at] ?? 0;
    return low > 0x7f ? [(low & 0x7f) | ((this.#keys[at + 1] ?? 0) << 7), at + 2] : [low, at + 1];
  }
}

const opened = new WeakMap<ArrayBufferLike, PackedList>();

/**
 * Opens packed entries, once for each buffer in a thread. It looks at the parts, not at each entry: whoever loads them compares the SHA-256.
 * Error: `ERR_LIST_DAMAGED`, here and of each question, for bytes that are not those of the reference.
 */
export function openPackedList(reference: ListReference, buffer: ArrayBufferLike): PackedList {
  const known = opened.get(buffer);
  if (known?.reference.type === reference.type && known.reference.count === reference.count) return known;
  const list = new PackedList(reference, buffer);
  opened.set(buffer, list);
  return list;
}
