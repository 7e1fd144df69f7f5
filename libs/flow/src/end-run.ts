import { processDelayMs } from './backoff.js';
import { codeOf, observed, reportTrouble, type FlowPorts, type RunOutcome } from './flow-ports.js';
import type { QueueName } from './message.js';
import type { CloseInput } from './ports.js';
import type { Run } from './run.js';

/** Something has left and is not recorded yet: worth some patience, since the next run would send it again. */
const CLOSE_TRIES = 4;
const CLOSE_PAUSE_MS = 1_000;

/** A row of the outbox that a worker holds. */
export interface Claimed {
  readonly organizationId: string;
  readonly id: string;
  readonly queue: QueueName;
  readonly tries: number;
}

/** Writes the closing record. If it cannot be written the claim is given back, and all of it is done again. */
export async function closeRun(ports: FlowPorts, run: Run, close: CloseInput): Promise<RunOutcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      await observed(ports, 'trace', () => ports.record.close(close));
      break;
    } catch (error) {
      reportTrouble(ports, run.accepted, error);
      if (tries === CLOSE_TRIES) return await releaseRun(ports, run.accepted, codeOf(error));
      await ports.pause(CLOSE_PAUSE_MS);
    }
  }
  for (const { id } of close.notify) ports.enqueue.add('notify', close.organizationId, id);
  return { kind: 'closed', outcomes: run.outcomes() };
}

/** Gives the claim back, due after a growing delay. If that fails as well the claim ends by itself. */
export async function releaseRun(ports: FlowPorts, claimed: Claimed, code: string): Promise<RunOutcome> {
  const { organizationId, id, queue, tries } = claimed;
  const dueAt = new Date(ports.clock.now().getTime() + processDelayMs(id, tries));
  try {
    await ports.record.release(queue, organizationId, id, dueAt);
  } catch (error) {
    reportTrouble(ports, claimed, error);
  }
  return { kind: 'released', dueAt, code };
}
