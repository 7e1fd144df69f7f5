import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { QueueName } from '#lib/flow';
import { systemCodeOf } from '../errors.js';
import { parseJob, type QueueJob } from './job.js';
import type { OpenWorker, QueueBackend } from './queue-backend.js';
import { withDeadline } from './with-deadline.js';

/** What is left to finish when a worker is told to end; 30 s are promised, with what comes after it. */
const GRACE_MS = 20_000;
const HAND_BACK_MS = 2000;
const CLOSE_MS = 3000;

/**
 * Works on a job. When it resolves the job is done and gone. When it throws the job is tried again, later and later,
 * and is then kept as failed until the sweeper adds it again. `signal` is aborted when the worker must end now and the
 * job is handed back.
 */
export type JobHandler = (job: QueueJob & { readonly attempt: number }, signal: AbortSignal) => Promise<void>;

/** A running worker of one queue. */
export class Consumer {
  readonly #open: OpenWorker;
  readonly #handler: JobHandler;
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(
    backend: QueueBackend,
    queue: QueueName,
    handler: JobHandler,
    options: { readonly concurrency: number; readonly onError: (error: Error) => void },
  ) {
    this.#handler = handler;
    this.#open = backend.openWorker(queue, (job, token) => this.#process(job, token ?? ''), options);
    this.#open.worker.on('error', options.onError);
    this.#open.worker.on('failed', (_job, error) => options.onError(error));
  }

  /** Resolves when it is connected; needed for nothing but tests and readiness. */
  async ready(): Promise<void> {
    await this.#open.worker.waitUntilReady();
  }

  /**
   * Takes no more jobs, waits `graceMs` (20 s) for those in hand, hands back what is not done, and ends the connections:
   * at most about 10 s more, also when the server is away.
   */
  close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const { worker } = this.#open;
    await worker.pause(true);
    await this.#idle(graceMs);
    this.#end.abort();
    // Whoever does not hear of it finds the job when its lock has run out.
    await this.#idle(HAND_BACK_MS);
    await withDeadline(worker.close(), CLOSE_MS).catch(() => undefined);
    await this.#open.disconnect();
  }

  async #idle(timeoutMs: number): Promise<void> {
    await withDeadline(Promise.allSettled(this.#running), timeoutMs).catch(() => undefined);
  }

  async #process(job: Job, token: string): Promise<void> {
    const parsed = parseJob(job.data);
    if (parsed === undefined) throw new UnrecoverableError('UNKNOWN_JOB');
    const running = this.#closing === undefined ? this.#run(job, token, parsed) : handBack(job, token);
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #run(job: Job, token: string, parsed: QueueJob): Promise<void> {
    const { signal } = this.#end;
    let leave: () => void = () => undefined;
    const ended = new Promise<'ended'>((resolve) => {
      leave = () => resolve('ended');
      signal.addEventListener('abort', leave);
    });
    try {
      const work = this.#handler({ ...parsed, attempt: job.attemptsMade + 1 }, signal);
      if ((await Promise.race([work, ended])) === 'ended') await handBack(job, token);
    } catch (error) {
      throw error instanceof WaitingError ? error : namedError(error);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

/** Puts a job back for others, and tells BullMQ so by the error it wants for it. */
async function handBack(job: Job, token: string): Promise<never> {
  await withDeadline(job.moveToWait(token), HAND_BACK_MS).catch(() => undefined);
  throw new WaitingError();
}

/** What the dashboard may show of an error: its code, and where in our code it came from; no text of others. */
function namedError(error: unknown): Error {
  const named = new Error(systemCodeOf(error));
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  named.stack = [`Error: ${named.message}`, ...frames].join('\n');
  return named;
}
