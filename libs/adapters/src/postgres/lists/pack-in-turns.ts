import { setImmediate as turn } from 'node:timers/promises';
import type { ListBuilder, PackedEntries } from '#lib/rules';

/** Packs what a builder has; others have their turn meanwhile. */
export async function packInTurns(builder: ListBuilder): Promise<PackedEntries> {
  return await inTurns(builder.packing());
}

/** What work in turns gives. */
export async function inTurns<T>(work: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await turn();
  }
}
