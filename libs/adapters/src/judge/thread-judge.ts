import { availableParallelism } from 'node:os';
import { hashRuleSet, type RuleSetContent } from '#lib/rules';
import type { AppError } from '#lib/core';
import { FlowError, type Judge, type JudgeRequest, type JudgeAnswer } from '#lib/flow';
import { AdapterError, systemCodeOf } from '../errors.js';
import type { JudgeTask } from './judge-task.js';
import { ThreadHandle } from './thread-handle.js';
import { fromAnswer } from './thread-messages.js';

const TIMEOUT_MS = 30_000;
const MEMORY_MB_MAX = 384;
/** Messages that a thread has in hand, so that it never waits for us. */
const WINDOW = 8;
/** A thread that has worked for so long on one message gets no more, and what waits behind is given to others. */
const STALL_MS = 100;
const WATCH_MS = 50;
/** Threads beyond the usual number that may be started while all others are at hard messages. */
const SPARE_THREADS = 3;
/** Messages that have a thread for themselves at a time; each may take all the memory that a thread may have. */
const ALONE_THREADS = 2;
const START_TRIES = 3;

export interface ThreadJudgeOptions {
  /** `SEALFLOW_BLOB_URL`: messages that a request does not bring are read there, in the thread. */
  readonly blobUrl?: string;
  /** Threads that work under load; half of the cores, at most 4. While hard messages block them up to 3 more are started. */
  readonly threads?: number;
  /** Longest time for one message; 30 s. */
  readonly timeoutMs?: number;
  /** Memory of a thread, MiB: one that takes more over a message is ended; 384. */
  readonly memoryMbMax?: number;
  /** Time that the rules of one message may take together; that of libs/rules if absent. */
  readonly budgetMs?: number;
  /** Told of messages that took too long and of threads that died, for the log. */
  readonly onTrouble?: (error: AppError, about: JudgeSubject | undefined) => void;
  /** Node's flags for the threads, where a test runs from source. */
  readonly execArgv?: readonly string[];
}

export interface JudgeSubject {
  readonly messageId: string;
  readonly organizationId: string;
}

/**
 * parse ▶ evaluate ▶ plan in threads of their own. A message that takes too long ends its thread by force and is
 * `unjudged` with `ERR_JUDGE_TIMEOUT`; one over which a thread dies (memory) is tried once more in a thread for itself (two of them at a time),
 * and is `unjudged` with `ERR_JUDGE_CRASHED` if that dies too. What else was in the hands of such a thread goes to others.
 * Errors: those that `judgeMessage` throws, `ERR_JUDGE_FAILED` for one that is not of ours, `ERR_JUDGE_UNAVAILABLE` when
 * no thread starts or after `close`; all temporary.
 */
export class ThreadJudge implements Judge {
  readonly #options: ThreadJudgeOptions;
  readonly #threads = new Set<ThreadHandle>();
  readonly #keys = new WeakMap<RuleSetContent, string>();
  readonly #usual: number;
  #waiting: JudgeTask[] = [];
  /** Those over which a thread has died. */
  readonly #waitingAlone: JudgeTask[] = [];
  #count = 0;
  #startFailures = 0;
  #watch: NodeJS.Timeout | undefined;
  #isAsked = false;
  #isClosed = false;

  constructor(options: ThreadJudgeOptions = {}) {
    this.#options = options;
    this.#usual = options.threads ?? Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
    this.#start();
  }

  judge(request: JudgeRequest): Promise<JudgeAnswer> {
    if (this.#isClosed) return Promise.reject(unavailable('CLOSED'));
    return new Promise((resolve, reject) => {
      const n = this.#count++;
      this.#waiting.push({ n, request, key: this.#keyOf(request), resolve, reject, isAlone: false });
      this.#askSoon();
    });
  }

  /** Ends the threads; what is not judged yet fails, to be judged by others. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const tasks = [...this.#allWaiting(), ...[...this.#threads].flatMap((thread) => thread.drain())];
    for (const task of tasks) task.reject(unavailable('CLOSED'));
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #allWaiting(): JudgeTask[] {
    return [...this.#waiting.splice(0), ...this.#waitingAlone.splice(0)];
  }

  /** By content, not by the name that comes with it: no name can bring another one's rules. With the lists that it goes without. */
  #keyOf({ ruleSet: { content }, lists }: JudgeRequest): string {
    let key = this.#keys.get(content);
    if (key === undefined) {
      key = hashRuleSet(content);
      this.#keys.set(content, key);
    }
    // A list that was gone when a thread got the rule set may be there for the next message.
    const gone = (content.lists ?? []).filter(({ sha256 }) => lists?.has(sha256) !== true);
    return [key, ...gone.map(({ sha256 }) => sha256)].join(' ');
  }

  /** Once for all that are asked for in one turn: they cross together. */
  #askSoon(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    queueMicrotask(() => {
      this.#isAsked = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    if (this.#isClosed) return;
    while (this.#waitingAlone.length > 0 && this.#aloneCount() < ALONE_THREADS) {
      this.#send(this.#start(), this.#waitingAlone.splice(0, 1));
    }
    for (;;) {
      const thread = this.#leastLoaded();
      if (this.#waiting.length === 0 || thread === undefined) break;
      this.#send(
        thread,
        this.#waiting.splice(0, Math.min(WINDOW - thread.load, Math.ceil(this.#waiting.length / this.#usual))),
      );
    }
    if (this.#waiting.length > 0 && this.#mayGrow()) this.#start();
    this.#watchWhileBusy();
  }

  #aloneCount(): number {
    return [...this.#threads].filter(({ head }) => head?.isAlone === true).length;
  }

  #leastLoaded(): ThreadHandle | undefined {
    return [...this.#threads]
      .filter((thread) => thread.load < WINDOW && thread.headAgeMs < STALL_MS && thread.head?.isAlone !== true)
      .sort((a, b) => Number(b.isReady) - Number(a.isReady) || a.load - b.load)[0];
  }

  #mayGrow(): boolean {
    const threads = [...this.#threads];
    if (threads.some((thread) => !thread.isReady)) return false;
    const isStalled = threads.every((thread) => thread.headAgeMs >= STALL_MS);
    return threads.length < this.#usual + (isStalled ? SPARE_THREADS : 0);
  }

  #start(): ThreadHandle {
    const { blobUrl = null, budgetMs = null, memoryMbMax = MEMORY_MB_MAX, execArgv } = this.#options;
    const thread = new ThreadHandle(
      // Twice as much, since V8 takes the whole process down where it is overrun between two looks of ours.
      { settings: { blobUrl, budgetMs }, heapMbMax: 2 * memoryMbMax, execArgv },
      {
        onReady: () => {
          this.#startFailures = 0;
          this.#handOut();
        },
        onAnswers: (from, answers) => {
          for (const [task, answer] of answers) settle(task, () => fromAnswer(answer, task.request));
          this.#retire(from, answers);
          this.#handOut();
        },
        onGone: (from, code) => this.#lose(from, code ?? 'EXIT'),
      },
    );
    this.#threads.add(thread);
    return thread;
  }

  #send(thread: ThreadHandle, tasks: readonly JudgeTask[]): void {
    try {
      thread.send(tasks);
    } catch (error) {
      // Not plain data: what was to cross with it is tried without it.
      if (tasks.length > 1) for (const task of tasks) this.#send(thread, [task]);
      else
        tasks[0]?.reject(new AdapterError('ERR_JUDGE_FAILED', { detail: { code: systemCodeOf(error) }, cause: error }));
    }
  }

  /** Ends threads beyond the usual number once they have done what they were started for. */
  #retire(thread: ThreadHandle, answers: readonly (readonly [JudgeTask, unknown])[]): void {
    const isSpare = this.#threads.size > this.#usual || answers.some(([task]) => task.isAlone);
    if (!isSpare || thread.load > 0) return;
    this.#threads.delete(thread);
    void thread.end();
  }

  /** A thread died, or is ended, over the message that it worked on. */
  #lose(thread: ThreadHandle, code: string): void {
    if (!this.#threads.delete(thread) || this.#isClosed) return;
    const [head, ...behind] = thread.drain();
    void thread.end();
    this.#waiting.unshift(...behind);
    const error = new AdapterError('ERR_JUDGE_CRASHED', { detail: { code } });
    this.#options.onTrouble?.(error, head === undefined ? undefined : subjectOf(head));
    if (!thread.isReady) this.#startFailed(head);
    else if (head?.isAlone === true) head.resolve({ kind: 'unjudged', code: 'ERR_JUDGE_CRASHED' });
    else if (head !== undefined) this.#waitingAlone.push(Object.assign(head, { isAlone: true }));
    this.#handOut();
  }

  #startFailed(head: JudgeTask | undefined): void {
    if (head !== undefined) (head.isAlone ? this.#waitingAlone : this.#waiting).unshift(head);
    this.#startFailures += 1;
    if (this.#startFailures >= START_TRIES) {
      this.#startFailures = 0;
      for (const task of this.#allWaiting()) task.reject(unavailable('START'));
    }
  }

  #watchWhileBusy(): void {
    const isWaiting = this.#waiting.length + this.#waitingAlone.length > 0;
    const isBusy = isWaiting || [...this.#threads].some((thread) => thread.load > 0);
    if (isBusy) this.#watch ??= setInterval(() => this.#look(), WATCH_MS);
    else {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  #look(): void {
    const { timeoutMs = TIMEOUT_MS } = this.#options;
    for (const thread of this.#threads) {
      const { head } = thread;
      if (thread.headAgeMs < STALL_MS) continue;
      this.#waiting.unshift(...thread.takeBack());
      void this.#weigh(thread, head);
      // If it was us who slept, the answer is there and comes in before that.
      if (thread.headAgeMs >= timeoutMs) setImmediate(() => this.#expire(thread, head));
    }
    this.#handOut();
  }

  async #weigh(thread: ThreadHandle, head: JudgeTask | undefined): Promise<void> {
    const { memoryMbMax = MEMORY_MB_MAX } = this.#options;
    if ((await thread.memoryMb()) > memoryMbMax && thread.head === head) this.#lose(thread, 'MEMORY');
  }

  #expire(thread: ThreadHandle, head: JudgeTask | undefined): void {
    if (head === undefined || thread.head !== head || !this.#threads.delete(thread)) return;
    this.#waiting.unshift(...thread.drain().filter((task) => task !== head));
    void thread.end();
    this.#options.onTrouble?.(new FlowError('ERR_JUDGE_TIMEOUT'), subjectOf(head));
    head.resolve({ kind: 'unjudged', code: 'ERR_JUDGE_TIMEOUT' });
    this.#handOut();
  }
}

function settle(task: JudgeTask, answer: () => JudgeAnswer): void {
  try {
    task.resolve(answer());
  } catch (error) {
    task.reject(error);
  }
}

function subjectOf({ request: { accepted } }: JudgeTask): JudgeSubject {
  return { messageId: accepted.id, organizationId: accepted.organizationId };
}

function unavailable(code: string): AdapterError {
  return new AdapterError('ERR_JUDGE_UNAVAILABLE', { detail: { code } });
}
