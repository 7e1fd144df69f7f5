import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Environment, Running } from '#lib/adapters';

/** Before a worker that died is started again; doubles with each death in a row, up to the other. */
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 15_000;
/** Whoever has lived so long begins with the first pause again. */
const SOUND_MS = 60_000;

export interface ProcessesOptions {
  /** What is run in each. */
  readonly main: string;
  readonly count: number;
  readonly environment: Environment;
}

/**
 * `SEALFLOW_WORKER_PROCESSES` workers under this process, each started again when it dies. They end when it does: at
 * SIGTERM in order, else by the channel that closes.
 */
export function startProcesses(options: ProcessesOptions, logger: Logger): Running {
  const workers = Array.from({ length: options.count }, (_, index) => new WorkerProcess(options, index + 1, logger));
  for (const worker of workers) worker.start();
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

class WorkerProcess {
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deaths = 0;
  #isStopping = false;

  constructor(
    private readonly options: ProcessesOptions,
    private readonly n: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const startedAtMs = performance.now();
    const child = fork(this.options.main, {
      env: this.options.environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (!this.#isStopping) this.#again(signal ?? `exit code ${code ?? 'unknown'}`, startedAtMs);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (this.#child === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }

  #again(how: string, startedAtMs: number): void {
    this.#deaths = performance.now() - startedAtMs > SOUND_MS ? 1 : this.#deaths + 1;
    const pauseMs = Math.min(PAUSE_MS * 2 ** (this.#deaths - 1), PAUSE_MS_MAX);
    this.logger.error({ worker: this.n, how, pauseMs }, 'a worker has ended and is started again');
    this.#timer = setTimeout(() => this.start(), pauseMs);
  }
}
