import { ListBuilder, type PackedEntries } from '../lists/list-builder.js';
import { openPackedList, type PackedList } from '../lists/packed-list.js';
import type { ListReference, ListType } from '../types.js';

/** A list packed without turns, for tests. Error: a `RangeError` that names an entry which it does not take. */
export function packed(
  type: ListType,
  entries: Iterable<string>,
  name = 'a list',
): PackedEntries & {
  readonly reference: ListReference;
  readonly list: PackedList;
  readonly shared: SharedArrayBuffer;
} {
  const builder = new ListBuilder(type);
  for (const entry of entries) {
    const added = builder.add(entry);
    if (added !== 'added' && added !== 'known') throw new RangeError(`${entry}: ${JSON.stringify(added)}`);
  }
  const made = finished(builder.packing());
  const reference = { name, type, version: 1, count: made.count, sha256: made.sha256 };
  const shared = new SharedArrayBuffer(made.bytes.length);
  new Uint8Array(shared).set(made.bytes);
  return { ...made, reference, shared, list: openPackedList(reference, shared) };
}

/** What work in turns gives, done in one. */
export function finished<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
