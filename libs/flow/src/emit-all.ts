import type { Secret } from '#lib/core';
import { codeOf, reportTrouble, type FlowPorts } from './flow-ports.js';
import { inTurns } from './in-turns.js';
import type { BlobRef, Disposition, Emitted, Outgoing } from './message.js';
import type { DeliveryClose, RecipientClose } from './ports.js';
import type { Run } from './run.js';
import { settle, type Settled } from './settle.js';
import { emit } from './steps/emit.js';

const AT_A_TIME = 8;

/**
 * The first attempt for every copy. A clear copy that must be tried again is written to the blob store now, so that the
 * next attempt has the same bytes; if it cannot be, its recipients are held. Does not throw: something may have left.
 */
export async function emitAll(
  ports: FlowPorts,
  run: Run,
  dataKey: Secret<Uint8Array>,
  copies: readonly Outgoing[],
): Promise<void> {
  const { accepted } = run;
  await inTurns(copies, AT_A_TIME, async (outgoing) => {
    const emitted = await emit(ports, outgoing, accepted);
    const settled = settle(emitted, accepted, ports.clock.now());
    try {
      run.settle(settled, deliveryOf(outgoing, await keepIfDeferred(ports, dataKey, emitted, settled)));
    } catch (error) {
      reportTrouble(ports, accepted, error);
      const isLeft = (recipient: RecipientClose): boolean => recipient.state === 'deferred';
      run.settle(
        { ...settled, recipients: settled.recipients.filter((one) => !isLeft(one)), dueAt: null },
        deliveryOf(outgoing, null),
      );
      run.dispose(
        settled.recipients.filter(isLeft).map((one) => heldOf(one, codeOf(error))),
        ports.clock.now(),
      );
    }
  });
}

async function keepIfDeferred(
  ports: FlowPorts,
  dataKey: Secret<Uint8Array>,
  { outgoing }: Emitted,
  settled: Settled,
): Promise<BlobRef | null> {
  const isDeferred = settled.recipients.some((recipient) => recipient.state === 'deferred');
  if (outgoing.blob !== null || !isDeferred) return outgoing.blob;
  return (await ports.blobs.write(dataKey, outgoing.open())).ref;
}

export function deliveryOf(outgoing: Outgoing, blob: BlobRef | null): DeliveryClose {
  const { deliveryId: id, sizeBytes, protection, has8bit } = outgoing;
  return { id, blob, sizeBytes, protection, has8bit };
}

function heldOf({ address, origin, rules }: RecipientClose, code: string): Disposition {
  return { address, origin, rules: rules ?? [], state: 'held', code };
}
