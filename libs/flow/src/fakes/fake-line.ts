import { createHash } from 'node:crypto';
import { fixedClock } from '#lib/core';
import type { Rule, RuleSetContent } from '#lib/rules';
import { accept } from '../accept.js';
import { Enqueuer } from '../enqueuer.js';
import type { FlowPorts, RunOutcome } from '../flow-ports.js';
import { processMessage } from '../line.js';
import type { Connection, EnvelopeRecipient, Incoming } from '../message.js';
import { notifyMessage } from '../notify.js';
import { retryMessage } from '../retry.js';
import { InMemoryBlobs } from './in-memory-blobs.js';
import { InMemoryDirectory } from './in-memory-directory.js';
import { InMemoryKeys } from './in-memory-keys.js';
import { InMemoryKms } from './in-memory-kms.js';
import { InMemoryLists } from './in-memory-lists.js';
import { InMemoryQueue, type Job } from './in-memory-queue.js';
import { InMemoryRecord } from './in-memory-record.js';
import { InMemoryRelay } from './in-memory-relay.js';
import { InMemoryRuleSets } from './in-memory-rule-sets.js';
import { InlineJudge } from './inline-judge.js';

export const ORGANIZATION = '00000000-0000-8000-8000-000000000001';
export const POSTMASTER = 'postmaster@example.com';

/** What a test says of a message; the rest is an authenticated sender of the organization. */
export interface SubmitOptions {
  readonly mailFrom?: string;
  readonly rcptTo: readonly (string | EnvelopeRecipient)[];
  readonly connection?: Partial<Connection>;
  readonly dsnReturn?: 'FULL' | 'HDRS' | null;
  readonly envid?: string | null;
  readonly idempotencyKey?: string;
}

/** The whole line on fakes: a clock that stands still, randomness from a counter, a worker that is told to work. */
export class FakeLine {
  readonly clock = fixedClock('2026-11-24T12:00:00Z');
  readonly blobs = new InMemoryBlobs();
  readonly kms = new InMemoryKms();
  readonly queue = new InMemoryQueue();
  readonly ruleSets = new InMemoryRuleSets();
  readonly keys = new InMemoryKeys();
  readonly directory = new InMemoryDirectory();
  readonly lists = new InMemoryLists();
  readonly relay = new InMemoryRelay();
  readonly judge = new InlineJudge(this.blobs);
  readonly troubles: unknown[] = [];
  readonly enqueue = new Enqueuer(this.queue, { onError: (error) => this.troubles.push(error) });
  readonly record: InMemoryRecord;
  readonly ports: FlowPorts;
  ruleSet: string;
  #drawn = 0;

  constructor(rules: readonly Partial<Rule>[] = []) {
    this.ruleSet = this.publish(rules);
    this.record = new InMemoryRecord({ clock: this.clock, ruleSet: () => this.ruleSet, postmaster: POSTMASTER });
    const { blobs, kms, ruleSets, keys, directory, lists, relay, judge, enqueue, clock, record } = this;
    this.ports = {
      ...{ blobs, kms, ruleSets, keys, directory, lists, relay, judge, enqueue, clock, record },
      random: (size) => this.#random(size),
      hostName: 'mx.example.com',
      mayEmit: () => true,
      pause: () => Promise.resolve(),
      onTrouble: (error) => this.troubles.push(error),
    };
  }

  publish(rules: readonly Partial<Rule>[]): string {
    const content: RuleSetContent = {
      rules: rules.map(wholeRule),
      settings: { acceptedDomains: ['example.com'], partnerDomains: [], timeZone: 'UTC' },
    };
    this.ruleSet = this.ruleSets.publish(content);
    return this.ruleSet;
  }

  /** Accepts a message; its id. */
  async submit(raw: string | Uint8Array, options: SubmitOptions): Promise<string> {
    const outcome = await accept(this.ports, this.incoming(raw, options), { sizeBytesMax: 1 << 26 });
    if (outcome.kind === 'conflict') throw new Error('conflict');
    return outcome.id;
  }

  incoming(raw: string | Uint8Array, options: SubmitOptions): Incoming {
    const { mailFrom = 'sue@example.com', dsnReturn = null, envid = null, idempotencyKey } = options;
    const rcptTo = options.rcptTo.map((one) =>
      typeof one === 'string' ? { address: one, notify: null, orcpt: null } : one,
    );
    return {
      organizationId: ORGANIZATION,
      envelope: { mailFrom, rcptTo, dsnReturn, envid },
      connection: { ...SUBMISSION, ...options.connection },
      body: pieces(Buffer.from(raw)),
      ...(idempotencyKey === undefined ? {} : { idempotency: { scope: 'rest', key: idempotencyKey } }),
    };
  }

  /** Works on what is due until nothing is, as worker and sweeper would. */
  async work(): Promise<RunOutcome[]> {
    const outcomes: RunOutcome[] = [];
    for (;;) {
      await this.enqueue.idle();
      const jobs = this.queue.jobs.splice(0);
      const swept = await this.record.sweep(100);
      jobs.push(...swept.map(({ queue, organizationId, id }) => ({ queue, organizationId, ids: [id] })));
      if (jobs.length === 0) return outcomes;
      for (const job of jobs) outcomes.push(...(await this.#run(job)));
    }
  }

  /** Lets time pass and works. */
  async later(milliseconds: number): Promise<RunOutcome[]> {
    this.clock.set(new Date(this.clock.now().getTime() + milliseconds));
    return await this.work();
  }

  /** Submits and works: the id. */
  async send(raw: string | Uint8Array, options: SubmitOptions): Promise<string> {
    const id = await this.submit(raw, options);
    await this.work();
    return id;
  }

  async #run({ queue, organizationId, ids }: Job): Promise<RunOutcome[]> {
    const outcomes: RunOutcome[] = [];
    if (queue === 'notify') {
      for (const claimed of await this.record.claimNotify(organizationId, ids)) {
        outcomes.push(await notifyMessage(this.ports, claimed));
      }
      return outcomes;
    }
    for (const accepted of await this.record.claim(queue, organizationId, ids)) {
      outcomes.push(await (queue === 'process' ? processMessage : retryMessage)(this.ports, accepted));
    }
    return outcomes;
  }

  #random(size: number): Uint8Array {
    const bytes: Buffer[] = [];
    for (let left = size; left > 0; left -= 32) {
      this.#drawn += 1;
      bytes.push(createHash('sha256').update(`drawn ${this.#drawn}`).digest().subarray(0, left));
    }
    return Buffer.concat(bytes);
  }
}

const SUBMISSION: Connection = {
  source: 'smtp',
  isAuthenticated: true,
  isTrustedNetwork: true,
  ip: '127.0.0.1',
  helo: 'client.example.com',
  isTls: true,
  apiKeyId: null,
  connectorId: null,
};

/** A rule with all that a test does not care for. */
export function wholeRule(rule: Partial<Rule>, priority = 0): Rule {
  return {
    id: `rule-${priority}`,
    version: 1,
    name: `Rule ${priority}`,
    description: '',
    enabled: true,
    mode: 'enforce',
    priority,
    conditions: { all: [] },
    exceptions: null,
    actions: [],
    appliesTo: 'matchingRecipients',
    stopProcessing: false,
    onError: 'hold',
    activateAt: null,
    expireAt: null,
    ...rule,
  };
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 1_000);
  }
}
