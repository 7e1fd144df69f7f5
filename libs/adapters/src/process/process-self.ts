import type { ProcessReport, ProcessStore } from '../postgres/stores.js';

const EVERY_MS = 5_000;

export interface ProcessSelfOptions {
  readonly id: string;
  readonly app: ProcessReport['app'];
  readonly processes: Pick<ProcessStore, 'report' | 'leave'>;
  readonly state: () => ProcessReport['state'];
  /** prom-client's `getMetricsAsJSON`. */
  readonly metrics: () => Promise<unknown>;
  /** After each report that was written. */
  readonly onReported?: () => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

/** Tells the record every few seconds that this process lives, with its figures. */
export class ProcessSelf {
  #timer: NodeJS.Timeout | undefined;
  #reporting: Promise<void> | undefined;

  constructor(private readonly options: ProcessSelfOptions) {}

  start(): void {
    this.#timer ??= setInterval(() => void this.report(), EVERY_MS).unref();
    void this.report();
  }

  /** A report that cannot be written is missed by nobody but `/readyz`; the next one comes. */
  report(): Promise<void> {
    this.#reporting ??= this.#report().finally(() => (this.#reporting = undefined));
    return this.#reporting;
  }

  /** The process is not there any more: `/readyz` sees it at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting;
    await this.options.processes.leave(this.options.id).catch(() => undefined);
  }

  async #report(): Promise<void> {
    const { id, app, processes, state, metrics, onReported, onTrouble } = this.options;
    try {
      await processes.report({ id, app, state: state(), metrics: await metrics() });
      await onReported?.();
    } catch (error) {
      onTrouble(error);
    }
  }
}
