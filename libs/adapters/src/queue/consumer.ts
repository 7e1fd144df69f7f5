import { UnrecoverableError, type Job } from 'bullmq';
import type { QueueName } from '#lib/flow';
import { systemCodeOf } from '../errors.js';
import { parseJob, type QueueJob } from './job.js';
import type { OpenWorker, QueueBackend } from './queue-backend.js';
import { withDeadline } from './with-deadline.js';

/** What is left to finish when a worker is told to end; 30 s are promised, with what comes after it. */
const GRACE_MS = 25_000;
const HAND_BACK_MS = 2000;

/**
 * Works on a job. When it resolves the job is done and gone. When it throws the job is tried again, later and later,
 * and is then kept as failed until the sweeper adds it again. `signal` is aborted when the worker must end now and the
 * job is handed back.
 */
export type JobHandler = (job: QueueJob & { readonly attempt: number }, signal: AbortSignal) => Promise<void>;

/** A running worker of one queue. */
export class Consumer {
  readonly #open: OpenWorker;
  readonly #running = new Set<{ readonly job: Job; readonly token: string }>();
  readonly #end = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(
    backend: QueueBackend,
    queue: QueueName,
    handler: JobHandler,
    options: { readonly concurrency: number; readonly onError: (error: Error) => void },
  ) {
    this.#open = backend.openWorker(queue, (job, token) => this.#process(job, token ?? '', handler), options);
    this.#open.worker.on('error', options.onError);
    this.#open.worker.on('failed', (_job, error) => options.onError(error));
  }

  /** Resolves when it is connected; not needed for anything but tests and readiness. */
  async ready(): Promise<void> {
    await this.#open.worker.waitUntilReady();
  }

  /**
   * Takes no more jobs, waits `graceMs` for those in hand, hands back what is not done, and ends the connections, in
   * bounded time also when the server is away.
   */
  close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const { worker } = this.#open;
    try {
      await withDeadline(worker.close(), graceMs);
    } catch {
      this.#end.abort();
      // Whoever does not hear of it finds the job when its lock has run out.
      const handBack = [...this.#running].map(({ job, token }) => job.moveToWait(token).catch(() => undefined));
      await withDeadline(Promise.all(handBack), HAND_BACK_MS).catch(() => undefined);
    }
    await this.#open.disconnect();
  }

  async #process(job: Job, token: string, handler: JobHandler): Promise<void> {
    const parsed = parseJob(job.data);
    if (parsed === undefined) throw new UnrecoverableError('UNKNOWN_JOB');
    const entry = { job, token };
    this.#running.add(entry);
    try {
      await handler({ ...parsed, attempt: job.attemptsMade + 1 }, this.#end.signal);
    } catch (error) {
      throw namedError(error);
    } finally {
      this.#running.delete(entry);
    }
  }
}

/** What the dashboard may show of an error: its code, and where in our code it came from; no text of others. */
function namedError(error: unknown): Error {
  const named = new Error(systemCodeOf(error));
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  named.stack = [`Error: ${named.message}`, ...frames].join('\n');
  return named;
}
