import type { Request, Response } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { routeOf } from '../http/api-log.js';

/** What this process counts. Nothing of a request is a label but its method, the pattern of its route and the status. */
export class ApiMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'sealflow_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: 'sealflow_http_request_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['route'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  readonly #inFlight = new Gauge({
    name: 'sealflow_http_requests_in_flight',
    help: 'HTTP requests that are being answered.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'sealflow_' });
  }

  /** Counts the request when its answer has gone out. */
  watch(request: Request, response: Response): void {
    const start = performance.now();
    this.#inFlight.inc();
    response.once('close', () => {
      this.#inFlight.dec();
      const route = routeOf(request);
      this.#requests.inc({ method: request.method, route, status: response.statusCode });
      this.#seconds.observe({ route }, (performance.now() - start) / 1000);
    });
  }
}

/** What is looked up when somebody asks: queues and outbox. Left out where it cannot be had. */
export function gaugesOf(
  depth: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined,
  waiting: Readonly<Record<string, { readonly count: number; readonly oldestAgeMs: number }>> | undefined,
  deferredAgeMs?: number,
): Registry {
  const registry = new Registry();
  const jobs = new Gauge({
    name: 'sealflow_queue_jobs',
    help: 'Jobs by queue and state.',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
  });
  for (const [queue, states] of Object.entries(depth ?? {})) {
    for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
  }
  const labels = { labelNames: ['queue'] as const, registers: [registry] };
  const due = new Gauge({
    name: 'sealflow_outbox_messages',
    help: 'Messages that something is left to do for.',
    ...labels,
  });
  const oldest = new Gauge({
    name: 'sealflow_outbox_oldest_seconds',
    help: 'How long the oldest that is due has been so; what waits for its next attempt is not due.',
    ...labels,
  });
  for (const [queue, { count, oldestAgeMs }] of Object.entries(waiting ?? {})) {
    due.set({ queue }, count);
    oldest.set({ queue }, oldestAgeMs / 1000);
  }
  const deferred = new Gauge({
    name: 'sealflow_deferred_oldest_seconds',
    help: 'Time since the first attempt for the copy that the relay has not taken for longest; 0 if none waits for it.',
    registers: [registry],
  });
  if (deferredAgeMs === undefined) registry.removeSingleMetric('sealflow_deferred_oldest_seconds');
  else deferred.set(deferredAgeMs / 1000);
  return registry;
}
