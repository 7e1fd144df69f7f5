/** A part of a path: a queue, a job, a state. */
const PART = '[^/]+';

/**
 * What of the dashboard can be reached, method and path below `/queues`: looking, and what does no harm to a message.
 * A job is only a hint to look at the record, so running one again or earlier changes nothing but the time. Everything
 * that the dashboard registers besides is refused: clean, add, edit, empty, obliterate, pause, remove, limits, schedulers.
 */
const ALLOWED: readonly (readonly [method: string, path: RegExp])[] = [
  ['GET', /^\/$/],
  ['GET', new RegExp(`^/queue/${PART}$`)],
  ['GET', new RegExp(`^/queue/${PART}/${PART}$`)],
  ['GET', /^\/static\/[\w./-]+$/],
  ['GET', /^\/api\/queues$/],
  ['GET', /^\/api\/redis\/stats$/],
  ['GET', new RegExp(`^/api/queues/${PART}/(?:metrics|default-job-options|workers|rate-limit|job-data-schema)$`)],
  ['GET', new RegExp(`^/api/queues/${PART}/${PART}$`)],
  ['GET', new RegExp(`^/api/queues/${PART}/${PART}/(?:logs|flow)$`)],
  ['GET', /^\/(?:job-schedulers|metrics-history)$/],
  ['GET', /^\/api\/job-schedulers$/],
  ['PUT', new RegExp(`^/api/queues/${PART}/${PART}/(?:retry|promote)$`)],
  ['PUT', new RegExp(`^/api/queues/${PART}/retry/failed$`)],
  ['PUT', new RegExp(`^/api/queues/${PART}/promote$`)],
];

/** Whether a request to the dashboard may go through; `path` as it came, still escaped, without the query. */
export function isAllowed(method: string, path: string): boolean {
  const asked = method === 'HEAD' ? 'GET' : method;
  return !path.includes('..') && ALLOWED.some(([allowed, pattern]) => allowed === asked && pattern.test(path));
}
