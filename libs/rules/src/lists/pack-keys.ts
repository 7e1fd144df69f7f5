import type { ListType } from '../types.js';
import {
  BLOCK_ENTRIES,
  filterBit,
  filterWordsFor,
  fingerprintOf,
  FINGERPRINT_BITS,
  hashStep,
  HASH_START,
  HEADER,
  HEADER_WORDS,
  LIST_TYPES,
  MAGIC,
  SHARED_BYTES_MAX,
  slotOf,
  slotsFor,
} from './list-layout.js';
import type { Keys } from './sort-keys.js';

/** The packed form of keys in their order, each of them once. It stops after so many entries now and then. */
export function* packKeys(
  type: ListType,
  { bytes: keys, starts, count }: Keys,
  hashes: Uint32Array,
  order: Uint32Array,
  entriesATurn: number,
): Generator<undefined, Uint8Array> {
  const shared = new Uint8Array(count);
  const [beginnings, keyBytes, longest] = yield* measure({ bytes: keys, starts, count }, order, shared, entriesATurn);
  const blocks = Math.ceil(count / BLOCK_ENTRIES);
  const slotCount = slotsFor(count);
  const filterWords = type === 'words' ? filterWordsFor(beginnings) : 0;
  const headBytes = 4 * (HEADER_WORDS + blocks + 1 + slotCount + filterWords);
  const packed = new Uint8Array(headBytes + keyBytes);
  const words = new Uint32Array(packed.buffer, 0, headBytes / 4);
  words[HEADER.magic] = MAGIC;
  words[HEADER.type] = LIST_TYPES.indexOf(type);
  words[HEADER.count] = count;
  words[HEADER.blocks] = blocks;
  words[HEADER.slots] = slotCount;
  words[HEADER.filterWords] = filterWords;
  words[HEADER.keyBytes] = keyBytes;
  words[HEADER.longest] = longest;
  const blockStarts = words.subarray(HEADER_WORDS, HEADER_WORDS + blocks + 1);
  const slots = words.subarray(HEADER_WORDS + blocks + 1, HEADER_WORDS + blocks + 1 + slotCount);
  const filter = words.subarray(HEADER_WORDS + blocks + 1 + slotCount);
  let at = headBytes;
  for (let n = 0; n < count; n += 1) {
    const entry = order[n] as number;
    const [start, end] = [starts[entry] as number, starts[entry + 1] as number];
    const block = Math.floor(n / BLOCK_ENTRIES);
    const isFirst = n % BLOCK_ENTRIES === 0;
    if (isFirst) blockStarts[block] = at - headBytes;
    const common = isFirst ? 0 : Math.min(shared[n] as number, end - start);
    const rest = end - start - common;
    packed[at++] = common;
    if (rest > 0x7f) packed[at++] = (rest & 0x7f) | 0x80;
    packed[at++] = rest > 0x7f ? rest >>> 7 : rest;
    packed.set(keys.subarray(start + common, end), at);
    at += rest;
    fillSlot(slots, hashes[entry] as number, block);
    if (filterWords > 0) fillFilter(filter, keys, start, end);
    if (n % entriesATurn === entriesATurn - 1) yield;
  }
  blockStarts[blocks] = at - headBytes;
  return packed;
}

/** How much each key shares with the one before; how many beginnings there are, how many bytes they take, the longest. */
function* measure(
  { bytes, starts, count }: Keys,
  order: Uint32Array,
  shared: Uint8Array,
  entriesATurn: number,
): Generator<undefined, readonly [beginnings: number, keyBytes: number, longest: number]> {
  let [beginnings, keyBytes, longest] = [0, 0, 0];
  for (let n = 0; n < count; n += 1) {
    const entry = order[n] as number;
    const length = (starts[entry + 1] as number) - (starts[entry] as number);
    const common = n === 0 ? 0 : commonOf(bytes, starts, order[n - 1] as number, entry);
    shared[n] = common;
    const rest = length - (n % BLOCK_ENTRIES === 0 ? 0 : common);
    beginnings += length - common;
    keyBytes += rest + (rest > 0x7f ? 3 : 2);
    longest = Math.max(longest, length);
    if (n % entriesATurn === entriesATurn - 1) yield;
  }
  return [beginnings, keyBytes, longest];
}

function commonOf(bytes: Uint8Array, starts: Uint32Array, a: number, b: number): number {
  const [x, y] = [starts[a] as number, starts[b] as number];
  const most = Math.min((starts[a + 1] as number) - x, (starts[b + 1] as number) - y, SHARED_BYTES_MAX);
  let n = 0;
  while (n < most && bytes[x + n] === bytes[y + n]) n += 1;
  return n;
}

function fillSlot(slots: Uint32Array, hash: number, block: number): void {
  let at = slotOf(hash, slots.length);
  while (slots[at] !== 0) at = at + 1 === slots.length ? 0 : at + 1;
  slots[at] = (((block + 1) << FINGERPRINT_BITS) | fingerprintOf(hash)) >>> 0;
}

function fillFilter(filter: Uint32Array, keys: Uint8Array, start: number, end: number): void {
  const bits = 32 * filter.length;
  let hash = HASH_START;
  for (let at = start; at < end; at += 1) {
    hash = hashStep(hash, keys[at] as number);
    const bit = filterBit(hash, bits);
    filter[bit >>> 5] = (filter[bit >>> 5] as number) | (1 << (bit & 31));
  }
}
