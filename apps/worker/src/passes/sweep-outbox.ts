import type { MessageRecord, Queue } from '#lib/flow';

const ROWS_MAX = 1_000;
const IDS_MAX = 50;

/**
 * Tells the queue of the outbox rows that are due and that nobody works on: what was accepted while the queue was away,
 * what the queue has lost, what a killed worker held, and what is to be tried again by now. The record marks what it
 * gives out, so that several workers may sweep, and a backlog is not told over and over. Errors: those of record and
 * queue; what was not told then is told later.
 */
export async function sweepOutbox(record: Pick<MessageRecord, 'sweep'>, queue: Queue): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await record.sweep(ROWS_MAX);
    count += rows.length;
    for (const [, group] of Map.groupBy(rows, (row) => `${row.queue} ${row.organizationId}`)) {
      const [first] = group;
      if (first === undefined) continue;
      const ids = group.map(({ id }) => id);
      for (let at = 0; at < ids.length; at += IDS_MAX) {
        await queue.add(first.queue, { organizationId: first.organizationId, ids: ids.slice(at, at + IDS_MAX) });
      }
    }
    if (rows.length < ROWS_MAX) return count;
  }
}
