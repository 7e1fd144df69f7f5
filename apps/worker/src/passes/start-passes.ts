import type { Housekeeping, SegmentBlobStore } from '#lib/adapters';
import type { Clock } from '#lib/core';
import type { Enqueuer, MessageRecord, Queue } from '#lib/flow';
import { every, type Pass } from './every.js';
import { sweepOutbox } from './sweep-outbox.js';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
const LIMIT = 500;

export interface HousekeepingPorts {
  readonly record: Pick<MessageRecord, 'sweep'>;
  readonly housekeeping: Housekeeping;
  readonly blobs: Pick<SegmentBlobStore, 'collect'>;
  readonly queue: Queue;
  readonly enqueue: Enqueuer;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly onTrouble: (pass: string, error: unknown) => void;
}

/**
 * What is done again and again. Each worker does all of it: a pass that meets another one finds nothing left, or the
 * record keeps them apart.
 */
export function startPasses(ports: HousekeepingPorts): readonly Pass[] {
  const { record, housekeeping, blobs, queue, enqueue, clock } = ports;
  const pass = (name: string, intervalMs: number, work: () => Promise<void>): Pass =>
    every(intervalMs, work, (error) => ports.onTrouble(name, error));
  return [
    pass('sweep', SECOND_MS, async () => {
      await sweepOutbox(record, queue);
    }),
    pass('releaseKeyed', 3 * SECOND_MS, async () => {
      const released = await housekeeping.releaseKeyed(LIMIT);
      for (const { organizationId, id } of released) enqueue.add('process', organizationId, id);
    }),
    pass('destroyContent', 60 * SECOND_MS, async () => {
      const before = new Date(clock.now().getTime() - ports.retentionDays * DAY_MS);
      while ((await housekeeping.destroyContent(before, LIMIT)) >= LIMIT);
    }),
    pass('collectSegments', 60 * 60 * SECOND_MS, async () => {
      await blobs.collect({ liveOf: (segments) => housekeeping.segmentsInUse(segments) });
    }),
    pass('forgetIdempotency', 10 * 60 * SECOND_MS, async () => {
      await housekeeping.forgetIdempotency(clock.now());
    }),
    pass('forgetLists', 60 * 60 * SECOND_MS, async () => {
      // What was written just now may be about to be referred to.
      await housekeeping.forgetLists(new Date(clock.now().getTime() - 60 * 60 * SECOND_MS));
    }),
  ];
}
