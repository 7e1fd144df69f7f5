import type { ProcessReport } from '#lib/adapters';
import { asAppError } from '../problem/problem.js';
import type { Platform } from '../platform.js';
import type { Check } from './check.js';
import { relayCheck } from './relay-check.js';

export interface Readiness {
  readonly status: 'ready' | 'notReady';
  readonly checks: Readonly<Record<'database' | 'queue' | 'smtp' | 'worker' | 'relay', Check>>;
}

const OK: Check = { ok: true, detail: 'works' };
const FRESH_MS = 500;

/** Whether mail can walk the whole line now. Asked anew at most twice a second, however many ask. */
export class ReadinessProbe {
  #last: Promise<Readiness> | undefined;
  #sinceMs = 0;

  constructor(private readonly platform: Platform) {}

  async ask(): Promise<Readiness> {
    const nowMs = this.platform.clock.now().getTime();
    if (this.#last === undefined || nowMs - this.#sinceMs >= FRESH_MS) {
      this.#sinceMs = nowMs;
      this.#last = this.#look();
    }
    return await this.#last;
  }

  async #look(): Promise<Readiness> {
    const { stores, queues } = this.platform;
    const [database, queue, processes] = await Promise.all([
      this.#database(),
      asCheck(async () => {
        await queues.depth();
      }),
      stores.processes.living().catch(() => undefined),
    ]);
    const checks = { database, queue, ...checksOf(processes) };
    const isReady = Object.values(checks).every(({ ok }) => ok);
    return { status: isReady ? 'ready' : 'notReady', checks };
  }

  async #database(): Promise<Check> {
    const check = await asCheck(() => this.platform.stores.ping());
    return check.ok && !this.platform.isOpen ? { ok: false, detail: 'the keys are not open yet' } : check;
  }
}

/** What living processes say of themselves. */
function checksOf(
  processes: readonly ProcessReport[] | undefined,
): Pick<Readiness['checks'], 'smtp' | 'worker' | 'relay'> {
  if (processes === undefined) {
    const unknown = { ok: false, detail: 'unknown while the database is away' };
    return { smtp: unknown, worker: unknown, relay: unknown };
  }
  const workers = processes.filter(({ app }) => app === 'worker');
  return {
    smtp: runs(processes.some(({ app }) => app === 'smtp')),
    worker: runs(workers.length > 0),
    relay: relayCheck(workers),
  };
}

function runs(isRunning: boolean): Check {
  return isRunning ? OK : { ok: false, detail: 'none has been heard of within the last 15 seconds' };
}

async function asCheck(look: () => Promise<void>): Promise<Check> {
  try {
    await look();
    return OK;
  } catch (error) {
    return { ok: false, detail: asAppError(error).code };
  }
}
