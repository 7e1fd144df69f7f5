import { newId } from '#lib/core';
import type { ApiMetrics } from '../health/api-metrics.js';
import type { Platform } from '../platform.js';

const EVERY_MS = 5_000;

/** Tells the record every few seconds that this process lives, with its figures. */
export class ProcessSelf {
  readonly id: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly metrics: ApiMetrics,
  ) {
    this.id = newId(platform.clock.now().getTime(), platform.random);
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.report(), EVERY_MS).unref();
    void this.report();
  }

  /** A report that cannot be written is missed by nobody but `/readyz`; the next one comes. */
  async report(): Promise<void> {
    try {
      const metrics = await this.metrics.registry.getMetricsAsJSON();
      await this.platform.stores.processes.report({ id: this.id, app: 'api', state: {}, metrics });
    } catch (error) {
      this.platform.log.trouble('process report', error);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.platform.stores.processes.leave(this.id).catch(() => undefined);
  }
}
