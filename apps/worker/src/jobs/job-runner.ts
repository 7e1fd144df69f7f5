import type { QueueJob } from '#lib/adapters';
import {
  notifyMessage,
  processMessage,
  retryMessage,
  type Claim,
  type FlowPorts,
  type MessageRecord,
  type QueueName,
  type RunOutcome,
} from '#lib/flow';
import { WorkerError } from '../worker-error.js';
import { Claims } from './claims.js';
import { Slots } from './slots.js';

/** After an error that the line did not deal with, a message rests for so long. */
const REST_MS = 5_000;

/** A claimed message, and how it is run. */
interface Work {
  readonly claim: Claim;
  readonly run: () => Promise<RunOutcome>;
}

/** How a message of each queue is run: the line. */
const LINE = { process: processMessage, emit: retryMessage, notify: notifyMessage };

export interface JobRunnerOptions {
  /** Messages in hand at once. */
  readonly concurrency: number;
  /** What the line did not deal with, and claims that could not be renewed. */
  readonly onTrouble: (error: unknown) => void;
  /** The line, unless a test has another. */
  readonly line?: typeof LINE;
  /** After each message. */
  readonly onRun?: (claim: Claim, outcome: RunOutcome) => void;
}

type Ports = Omit<FlowPorts, 'mayEmit'> & { readonly record: MessageRecord };

/**
 * Works on jobs: claims their messages, leaves those that nobody gets (done, not due, or held by another worker), and
 * walks the others along the line, so many at once. What becomes of one message is no matter of its neighbours; a job
 * fails only when its messages could not be claimed at all, so that the queue brings it back before the sweeper does.
 */
export class JobRunner {
  readonly #slots: Slots;
  readonly #claims: Claims;
  readonly #ports: FlowPorts;
  #isStopping = false;

  constructor(
    private readonly ports: Ports,
    private readonly options: JobRunnerOptions,
  ) {
    this.#slots = new Slots(options.concurrency);
    this.#claims = new Claims(ports.record, options.onTrouble);
    this.#ports = { ...ports, mayEmit: (claim) => this.#claims.isSure(claim) };
  }

  get running(): number {
    return this.#slots.running;
  }

  /**
   * Resolves when each message of the job is settled. Errors: those of the record, and `ERR_WORKER_STOPPING` for a job that
   * is left to other workers.
   */
  async work(queue: QueueName, job: QueueJob): Promise<void> {
    const runs = await this.#begin(queue, job);
    await Promise.all(runs);
  }

  /** From now on nothing is begun: what waits for its turn is given back, what runs goes on. */
  stop(): void {
    this.#isStopping = true;
    this.#slots.open();
  }

  /** At the very end: what still runs is for others. */
  async giveBackRest(): Promise<void> {
    await this.#claims.giveBackAll(this.ports.clock.now());
  }

  async #begin(queue: QueueName, job: QueueJob): Promise<readonly Promise<void>[]> {
    await this.#slots.room();
    try {
      if (this.#isStopping) throw new WorkerError('ERR_WORKER_STOPPING');
      const askedAtMs = performance.now();
      const claimed = await this.#claim(queue, job);
      return claimed.map((work) => this.#run(work, askedAtMs));
    } finally {
      this.#slots.passOn();
    }
  }

  async #claim(queue: QueueName, { organizationId, ids }: QueueJob): Promise<Work[]> {
    const ports = this.#ports;
    const line = this.options.line ?? LINE;
    switch (queue) {
      case 'process': {
        const claimed = await ports.record.claim('process', organizationId, ids);
        return claimed.map((accepted) => ({ claim: accepted, run: () => line.process(ports, accepted) }));
      }
      case 'emit': {
        const claimed = await ports.record.claim('emit', organizationId, ids);
        return claimed.map((accepted) => ({ claim: accepted, run: () => line.emit(ports, accepted) }));
      }
      case 'notify': {
        const claimed = await ports.record.claimNotify(organizationId, ids);
        return claimed.map((request) => ({
          claim: { organizationId, id: request.id, queue, claim: request.message.claim },
          run: () => line.notify(ports, request),
        }));
      }
    }
  }

  async #run({ claim, run }: Work, askedAtMs: number): Promise<void> {
    this.#claims.hold(claim, askedAtMs);
    await this.#slots.run(async () => {
      if (this.#isStopping) {
        await this.#claims.giveBack(claim, this.ports.clock.now());
        return;
      }
      try {
        const outcome = await run();
        this.#claims.drop(claim);
        this.options.onRun?.(claim, outcome);
      } catch (error) {
        this.options.onTrouble(error);
        await this.#claims.giveBack(claim, new Date(this.ports.clock.now().getTime() + REST_MS));
      }
    });
  }
}
