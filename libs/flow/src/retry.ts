import { deliveryOf } from './emit-all.js';
import { closeRun, releaseRun } from './end-run.js';
import { lastingCode } from './errors.js';
import { codeOf, observed, reportTrouble, type FlowPorts, type RunOutcome } from './flow-ports.js';
import { inTurns } from './in-turns.js';
import type { Accepted, Outgoing, PlannedRecipient } from './message.js';
import type { DeferredDelivery } from './ports.js';
import { Run } from './run.js';
import { settle } from './settle.js';
import { reopen } from './steps/act.js';
import { emit } from './steps/emit.js';
import { trace } from './steps/trace.js';

const AT_A_TIME = 8;

/**
 * The emit queue: what was deferred is tried again, only for the recipients that are left, with the bytes of the first
 * time. Nothing is judged or made anew. If the key of the message is gone for good its deferred recipients are held.
 */
export async function retryMessage(ports: FlowPorts, accepted: Accepted): Promise<RunOutcome> {
  const run = new Run(accepted);
  try {
    const copies = await reopenAll(ports, accepted);
    await observed(ports, 'emit', () => emitAgain(ports, run, copies));
  } catch (error) {
    reportTrouble(ports, accepted, error);
    const code = lastingCode(error);
    if (code === undefined) return await releaseRun(ports, accepted, codeOf(error));
    run.holdAll(code, ports.clock.now(), ['deferred']);
  }
  return await closeRun(ports, run, trace(run, ports.clock.now(), null));
}

async function reopenAll(ports: FlowPorts, accepted: Accepted): Promise<Outgoing[]> {
  const deliveries = await ports.record.deferred(accepted.organizationId, accepted.id);
  if (deliveries.length === 0) return [];
  const dataKey = await ports.kms.openDataKey(accepted.organizationId, accepted.wrappedKey);
  return deliveries.map((delivery) =>
    reopen({ blobs: ports.blobs, accepted, dataKey }, delivery, recipientsOf(accepted, delivery)),
  );
}

function recipientsOf(accepted: Accepted, { addresses }: DeferredDelivery): PlannedRecipient[] {
  const origins = new Map(accepted.recipients.map(({ address, origin }) => [address, origin]));
  return addresses.map((address) => ({ address, origin: origins.get(address) ?? 'added', rules: [] }));
}

async function emitAgain(ports: FlowPorts, run: Run, copies: readonly Outgoing[]): Promise<void> {
  const { accepted } = run;
  await inTurns(copies, AT_A_TIME, async (outgoing) => {
    const settled = settle(await emit(ports, outgoing, accepted), accepted, ports.clock.now());
    // Which rules matched is known from the run that judged.
    const recipients = settled.recipients.map((recipient) => ({ ...recipient, rules: null }));
    run.settle({ ...settled, recipients }, deliveryOf(outgoing, outgoing.blob));
  });
}
