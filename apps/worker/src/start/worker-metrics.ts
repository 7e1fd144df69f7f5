import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { QueueName, RunOutcome, StepName } from '#lib/flow';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** What a worker counts. */
export class WorkerMetrics {
  readonly registry = new Registry();
  readonly #steps = new Counter({
    name: 'sealflow_steps_total',
    help: 'Messages by step of the line and outcome: ok, or an error code.',
    labelNames: ['step', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: 'sealflow_step_seconds',
    help: 'Time at each step of the line.',
    labelNames: ['step'] as const,
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly #recipients = new Counter({
    name: 'sealflow_recipients_total',
    help: 'Recipients by the state that a run left them in.',
    labelNames: ['state'] as const,
    registers: [this.registry],
  });
  readonly #runs = new Counter({
    name: 'sealflow_runs_total',
    help: 'Runs by queue and how they ended: closed, or released with an error code.',
    labelNames: ['queue', 'outcome'] as const,
    registers: [this.registry],
  });

  constructor(running: () => number) {
    collectDefaultMetrics({ register: this.registry, prefix: 'sealflow_' });
    new Gauge({
      name: 'sealflow_messages_in_hand',
      help: 'Messages that a worker works on now.',
      registers: [this.registry],
      collect() {
        this.set(running());
      },
    });
  }

  step(step: StepName, outcome: string, milliseconds: number): void {
    this.#steps.inc({ step, outcome });
    this.#seconds.observe({ step }, milliseconds / 1000);
  }

  run(queue: QueueName, outcome: RunOutcome): void {
    this.#runs.inc({ queue, outcome: outcome.kind === 'closed' ? 'closed' : outcome.code });
    if (outcome.kind === 'released') return;
    for (const [state, count] of Object.entries(outcome.outcomes)) this.#recipients.inc({ state }, count);
  }
}
