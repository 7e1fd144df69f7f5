import { createHash } from 'node:crypto';
import type { ListType } from '../types.js';
import { writeKey } from './list-key.js';
import { ENTRIES_MAX, hashOf, KEY_BYTES_MAX } from './list-layout.js';
import { packKeys } from './pack-keys.js';
import type { PackedList } from './packed-list.js';
import { readEntry } from './read-entry.js';
import { sortKeys } from './sort-keys.js';

/** After so many entries, or bytes, others get their turn. */
const ENTRIES_A_TURN = 8_192;
const BYTES_A_TURN = 1024 * 1024;
const SCRATCH_BYTES = 4_096;

/** `full`: the list has a million entries, or as many bytes as it may. */
export type Added = 'added' | 'known' | 'full' | { readonly problem: string };

export interface PackedEntries {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Hex of the SHA-256 of the bytes. */
  readonly sha256: string;
}

/** Collects the entries of a list, each once, as bytes, and packs them. */
export class ListBuilder {
  #keys = new Uint8Array(64 * 1024);
  #keyBytes = 0;
  /** Where each key begins; behind the last one the end. */
  #starts = new Uint32Array(4_096);
  #hashes = new Uint32Array(4_096);
  /** 1 + the number of an entry, or 0. */
  #slots = new Uint32Array(8_192);
  #count = 0;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);

  /** `entriesMax` is less than a million in tests only. */
  constructor(
    readonly type: ListType,
    private readonly entriesMax = ENTRIES_MAX,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** Takes one entry as it was written. */
  add(written: string): Added {
    const read = readEntry(this.type, written);
    if ('problem' in read) return read;
    const length = writeKey(this.type, read.entry, this.#scratch);
    return length === undefined ? { problem: 'is too long' } : this.#addKey(this.#scratch.subarray(0, length));
  }

  /** Takes the entries of a list but for some, which are in their normal form. It stops now and then. */
  *addAll(list: PackedList, except: ReadonlySet<string> = new Set()): Generator<undefined, 'added' | 'full'> {
    const gone = new Set([...except].map((entry) => Buffer.from(this.#keyOf(entry)).toString('latin1')));
    let turn = 0;
    for (const key of list.keys()) {
      if (gone.size > 0 && gone.has(Buffer.from(key).toString('latin1'))) continue;
      if (this.#addKey(key) === 'full') return 'full';
      if ((turn += 1) % ENTRIES_A_TURN === 0) yield;
    }
    return 'added';
  }

  /** The list packed. It stops now and then, so that whoever asks can let others have their turn. */
  *packing(): Generator<undefined, PackedEntries> {
    const keys = { bytes: this.#keys, starts: this.#starts, count: this.#count };
    const order = yield* sortKeys(keys, ENTRIES_A_TURN);
    const bytes = yield* packKeys(this.type, keys, this.#hashes, order, ENTRIES_A_TURN);
    const digest = createHash('sha256');
    for (let at = 0; at < bytes.length; at += BYTES_A_TURN) {
      digest.update(bytes.subarray(at, at + BYTES_A_TURN));
      yield;
    }
    return { bytes, count: this.#count, sha256: digest.digest('hex') };
  }

  #keyOf(entry: string): Uint8Array {
    return this.#scratch.subarray(0, writeKey(this.type, entry, this.#scratch) ?? 0);
  }

  #addKey(key: Uint8Array): 'added' | 'known' | 'full' {
    const hash = hashOf(key, 0, key.length);
    let at = hash & (this.#slots.length - 1);
    for (let n = this.#slots[at] as number; n !== 0; n = this.#slots[at] as number) {
      if (this.#hashes[n - 1] === hash && this.#isKey(n - 1, key)) return 'known';
      at = (at + 1) & (this.#slots.length - 1);
    }
    if (this.#count >= this.entriesMax || this.#keyBytes + key.length > KEY_BYTES_MAX) return 'full';
    this.#slots[at] = this.#count + 1;
    this.#keep(key, hash);
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return 'added';
  }

  #isKey(n: number, key: Uint8Array): boolean {
    const start = this.#starts[n] as number;
    if ((this.#starts[n + 1] as number) - start !== key.length) return false;
    for (let at = 0; at < key.length; at += 1) if (this.#keys[start + at] !== key[at]) return false;
    return true;
  }

  #keep(key: Uint8Array, hash: number): void {
    const end = this.#keyBytes + key.length;
    if (end > this.#keys.length) this.#keys = grown(this.#keys, new Uint8Array(Math.max(end, 2 * this.#keys.length)));
    if (this.#count + 2 > this.#starts.length) {
      this.#starts = grown(this.#starts, new Uint32Array(2 * this.#starts.length));
      this.#hashes = grown(this.#hashes, new Uint32Array(2 * this.#hashes.length));
    }
    this.#keys.set(key, this.#keyBytes);
    this.#hashes[this.#count] = hash;
    this.#count += 1;
    this.#keyBytes = end;
    this.#starts[this.#count] = end;
  }

  #rehash(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    for (let n = 0; n < this.#count; n += 1) {
      let at = (this.#hashes[n] as number) & (slots.length - 1);
      while (slots[at] !== 0) at = (at + 1) & (slots.length - 1);
      slots[at] = n + 1;
    }
    this.#slots = slots;
  }
}

function grown<T extends Uint8Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
