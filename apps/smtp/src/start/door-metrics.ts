import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** What the door counts. */
export class DoorMetrics {
  readonly registry = new Registry();
  readonly #messages = new Counter({
    name: 'sealflow_smtp_messages_total',
    help: 'Messages that came by SMTP, by what became of them: ok, or the code they were refused with.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  constructor(connectionCount: () => number) {
    collectDefaultMetrics({ register: this.registry, prefix: 'sealflow_' });
    new Gauge({
      name: 'sealflow_smtp_connections',
      help: 'Open SMTP connections.',
      registers: [this.registry],
      collect() {
        this.set(connectionCount());
      },
    });
  }

  message(outcome: string): void {
    this.#messages.inc({ outcome });
  }
}
