import { Worker } from 'node:worker_threads';
import { systemCodeOf } from '../errors.js';
import type { JudgeTask } from './judge-task.js';
import { toSent, type FromThread, type ThreadAnswer, type ThreadSettings, type ToThread } from './thread-messages.js';

/** Rule sets that a thread keeps, compiled. */
const RULE_SETS_MAX = 16;
/** Bytes of the named lists of these together; those of the newest rule set may be more. */
const LIST_BYTES_MAX = 256 * 1024 * 1024;

export interface ThreadOptions {
  readonly settings: ThreadSettings;
  /** V8 ends the thread at this size of its old generation; if one allocation is too much for it, the process with it. */
  readonly heapMbMax: number;
  /** Flags of Node for the thread; those of the process if absent. */
  readonly execArgv?: readonly string[] | undefined;
}

/** `code` of the error that it died of; `undefined` when it simply ended. */
export interface ThreadEvents {
  readonly onReady: (thread: ThreadHandle) => void;
  readonly onAnswers: (thread: ThreadHandle, answers: readonly (readonly [JudgeTask, ThreadAnswer])[]) => void;
  readonly onGone: (thread: ThreadHandle, code: string | undefined) => void;
}

/** The near side of one judging thread: what it has in hand, in the order in which it works. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #inHand = new Map<number, JudgeTask>();
  /** Keys of the rule sets that it has, the least recently used one first. */
  #ruleSets: readonly string[] = [];
  /** Named lists of those that have any. */
  readonly #lists = new Map<string, readonly SharedArrayBuffer[]>();
  #isReady = false;
  #headSinceMs = 0;

  constructor({ settings, heapMbMax, execArgv }: ThreadOptions, events: ThreadEvents) {
    this.#worker = new Worker(threadUrl(), {
      workerData: settings,
      // A thread needs nothing of the environment, which holds secrets.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    // Whoever waits for an answer keeps the process alive, idle threads do not.
    this.#worker.unref();
    let code: string | undefined;
    this.#worker.on('message', (message: FromThread) => {
      if (message === 'ready') {
        this.#isReady = true;
        this.#headSinceMs = performance.now();
        events.onReady(this);
        return;
      }
      const answered = message.flatMap((answer) => {
        const task = this.#inHand.get(answer.n);
        this.#inHand.delete(answer.n);
        return task === undefined ? [] : [[task, answer] as const];
      });
      this.#headSinceMs = performance.now();
      events.onAnswers(this, answered);
    });
    this.#worker.on('error', (error) => {
      code = systemCodeOf(error);
    });
    this.#worker.once('exit', () => events.onGone(this, code));
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get load(): number {
    return this.#inHand.size;
  }

  /** The message that it works on now, or will when it is ready. */
  get head(): JudgeTask | undefined {
    return this.#inHand.values().next().value;
  }

  /** For how long it has worked on that; 0 while it starts. */
  get headAgeMs(): number {
    return this.#isReady && this.#inHand.size > 0 ? performance.now() - this.#headSinceMs : 0;
  }

  /** What its heap and its buffers take, also while it is busy; 0 when it is gone. */
  async memoryMb(): Promise<number> {
    const { used_heap_size: heap, external_memory: buffers } = await this.#worker
      .getHeapStatistics()
      .catch(() => ({ used_heap_size: 0, external_memory: 0 }));
    return (heap + buffers) / (1 << 20);
  }

  /** Gives it more to do. Error: a `DataCloneError` if a request is not plain data. */
  send(tasks: readonly JudgeTask[]): void {
    let ruleSets = this.#ruleSets;
    const batch: ToThread[] = [];
    const transfer: ArrayBuffer[] = [];
    for (const { n, key, request } of tasks) {
      if (!ruleSets.includes(key)) {
        batch.push({ kind: 'ruleSet', key, content: request.ruleSet.content, lists: request.lists });
        if (request.lists !== undefined) this.#lists.set(key, [...request.lists.values()]);
      }
      ruleSets = [...ruleSets.filter((one) => one !== key), key];
      const sent = toSent(request);
      if ('raw' in sent.source) transfer.push(sent.source.raw.buffer as ArrayBuffer);
      batch.push({ kind: 'judge', n, key, request: sent });
    }
    const kept = this.#fitting(ruleSets);
    const forgotten = ruleSets.slice(0, ruleSets.length - kept.length);
    batch.push(...forgotten.map((old) => ({ kind: 'forget', key: old }) as const));
    this.#worker.postMessage(batch, transfer);
    for (const old of forgotten) this.#lists.delete(old);
    this.#ruleSets = kept;
    if (this.#inHand.size === 0) this.#headSinceMs = performance.now();
    for (const task of tasks) this.#inHand.set(task.n, task);
  }

  /** The last of these rule sets, as many as a thread may keep. */
  #fitting(ruleSets: readonly string[]): readonly string[] {
    const buffers = new Set<SharedArrayBuffer>();
    let [from, sizeBytes] = [ruleSets.length, 0];
    for (; from > 0 && ruleSets.length - from < RULE_SETS_MAX; from -= 1) {
      for (const buffer of this.#lists.get(ruleSets[from - 1] ?? '') ?? []) {
        if (!buffers.has(buffer)) sizeBytes += buffer.byteLength;
        buffers.add(buffer);
      }
      if (sizeBytes > LIST_BYTES_MAX && from < ruleSets.length) break;
    }
    return ruleSets.slice(from);
  }

  /** Takes back all but the first: they wait behind a hard one. */
  takeBack(): JudgeTask[] {
    const [, ...behind] = this.#inHand.values();
    const numbers = behind.map(({ n }) => n);
    for (const n of numbers) this.#inHand.delete(n);
    if (numbers.length > 0) this.#worker.postMessage([{ kind: 'cancel', numbers }] satisfies ToThread[]);
    return behind;
  }

  /** What it had in hand, when it is gone. */
  drain(): JudgeTask[] {
    const tasks = [...this.#inHand.values()];
    this.#inHand.clear();
    return tasks;
  }

  /** Ends it, in the middle of whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Beside this file, with its ending: `.js` as built, `.ts` where a test runs from source. */
function threadUrl(): URL {
  return new URL(`./judge-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}
