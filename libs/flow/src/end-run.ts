import { processDelayMs } from './backoff.js';
import { codeOf, observed, reportTrouble, type FlowPorts, type RunOutcome } from './flow-ports.js';
import type { Claim, CloseInput } from './ports.js';
import type { Run } from './run.js';

/** Something has left and is not recorded yet: worth some patience, since the next run would send it again. */
const CLOSE_TRIES = 4;
const CLOSE_PAUSE_MS = 100;
const CLOSE_PAUSE_MS_MAX = 1_000;
/** The database will be back, or have room again; no other record could be written meanwhile either. */
const PASSING = /^ERR_DATABASE_(?:AWAY|FULL|UNMIGRATED)$/;
/** Mostly passes too, half a minute and more; but it may be this one record that the database cannot write in its time. */
const BUSY = 'ERR_DATABASE_BUSY';
const BUSY_TRIES = 30;

/** A row of the outbox that a worker holds. */
export interface Claimed extends Claim {
  readonly tries: number;
}

/**
 * Writes the closing record: as long as the database is away this is tried again, since the next run would send
 * everything once more. If it cannot be written for another reason, or it stays busy, the claim is given back, and all of
 * it is done again.
 */
export async function closeRun(ports: FlowPorts, run: Run, close: CloseInput): Promise<RunOutcome> {
  let pauseMs = CLOSE_PAUSE_MS;
  for (let failures = 0, busy = 0; ;) {
    try {
      await observed(ports, 'trace', () => ports.record.close(close));
      break;
    } catch (error) {
      reportTrouble(ports, run.accepted, error);
      const code = codeOf(error);
      if (code === BUSY) busy += 1;
      else if (!PASSING.test(code)) failures += 1;
      if (failures === CLOSE_TRIES || busy === BUSY_TRIES) return await releaseRun(ports, run.accepted, code);
      await ports.pause(pauseMs);
      pauseMs = Math.min(2 * pauseMs, CLOSE_PAUSE_MS_MAX);
    }
  }
  for (const { id } of close.notify) ports.enqueue.add('notify', close.organizationId, id);
  return { kind: 'closed', outcomes: run.outcomes() };
}

/** Gives the claim back, due after a growing delay. If that fails as well the claim ends by itself. */
export async function releaseRun(ports: FlowPorts, claimed: Claimed, code: string): Promise<RunOutcome> {
  const dueAt = new Date(ports.clock.now().getTime() + processDelayMs(claimed.id, claimed.tries));
  try {
    await ports.record.release(claimed, dueAt);
  } catch (error) {
    reportTrouble(ports, claimed, error);
  }
  return { kind: 'released', dueAt, code };
}
