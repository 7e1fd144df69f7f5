import { deriveId, isId } from '#lib/core';
import type { QueueName } from '#lib/flow';

export const QUEUE_NAMES: readonly QueueName[] = ['process', 'emit', 'notify'];

/** What a job carries: ids, nothing else. A job is only a hint to claim them in the record. */
export interface QueueJob {
  readonly organizationId: string;
  readonly ids: readonly string[];
}

/** The same job for the same ids: no integer and no `:`, which BullMQ refuses. */
export function jobIdOf(queue: QueueName, job: QueueJob): string {
  return deriveId('job', queue, job.organizationId, ...job.ids);
}

/** A job as it comes out of the queue; `undefined` if somebody else put it there. */
export function parseJob(data: unknown): QueueJob | undefined {
  if (typeof data !== 'object' || data === null || !('organizationId' in data) || !('ids' in data)) return undefined;
  const { organizationId, ids } = data;
  if (typeof organizationId !== 'string' || !isId(organizationId) || !Array.isArray(ids)) return undefined;
  const texts = ids.filter((id): id is string => typeof id === 'string' && isId(id));
  return texts.length === ids.length ? { organizationId, ids: texts } : undefined;
}
