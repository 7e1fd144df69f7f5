import { ListBuilder, type ListReference, type ListType } from '#lib/rules';
import type { NamedLists } from '../ports.js';

/** Named lists in memory, for tests. */
export class InMemoryLists implements NamedLists {
  readonly #contents = new Map<string, SharedArrayBuffer>();
  /** Hashes that were asked for, in order. */
  readonly asked: string[] = [];

  /** Packs entries as a version of a list. */
  add(name: string, type: ListType, entries: readonly string[], version = 1): ListReference {
    const builder = new ListBuilder(type);
    for (const entry of entries) builder.add(entry);
    const work = builder.packing();
    let step = work.next();
    while (step.done !== true) step = work.next();
    const { bytes, count, sha256 } = step.value;
    const buffer = new SharedArrayBuffer(bytes.length);
    new Uint8Array(buffer).set(bytes);
    this.#contents.set(sha256, buffer);
    return { name, type, version, count, sha256 };
  }

  /** From now on the entries are gone. */
  lose({ sha256 }: ListReference): void {
    this.#contents.delete(sha256);
  }

  load(_organizationId: string, references: readonly ListReference[]): Promise<ReadonlyMap<string, SharedArrayBuffer>> {
    const hashes = references.map(({ sha256 }) => sha256);
    this.asked.push(...hashes);
    const found = hashes.map((sha256) => [sha256, this.#contents.get(sha256)] as const);
    return Promise.resolve(new Map(found.filter((one): one is [string, SharedArrayBuffer] => one[1] !== undefined)));
  }
}
