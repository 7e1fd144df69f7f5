import type { Accepted, Emitted, Outgoing, RecipientRecord, RelayResult } from '../message.js';
import { brand } from '../message.js';
import type { FlowPorts } from '../flow-ports.js';
import { assertMade } from './act.js';

/**
 * One transaction with the relay; a result for every recipient, whatever happens. A run that may have lost its claim does
 * not begin one: the copy waits, as it does where there is no relay. Where the relay says nothing about a
 * recipient, or breaks, that is temporary: never "delivered".
 */
export async function emit(
  { relay, mayEmit }: Pick<FlowPorts, 'relay' | 'mayEmit'>,
  outgoing: Outgoing,
  accepted: Accepted,
): Promise<Emitted> {
  assertMade(outgoing);
  if (!relay.isConfigured) return emitted(outgoing, new Map(), 'No relay is configured.', false);
  if (!mayEmit(accepted)) return emitted(outgoing, new Map(), 'The claim may have ended.', false);
  const records = new Map(accepted.recipients.map((recipient) => [recipient.address, recipient]));
  const notify = new Map<string, string>();
  const orcpt = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const { address } of outgoing.recipients) {
    const record = records.get(address);
    const asked = notifyWord(record);
    if (asked !== null) notify.set(address, asked);
    if (typeof record?.orcpt === 'string') orcpt.set(address, record.orcpt);
    if (record?.path !== undefined) paths.set(address, record.path);
  }
  try {
    const results = await relay.send(outgoing, {
      notify,
      paths,
      envelope: { ...accepted.envelope, orcpt },
      mayBegin: () => mayEmit(accepted),
    });
    const answers = new Map(results.map((result) => [result.address, result]));
    return emitted(outgoing, answers, 'The relay gave no answer for this recipient.', true);
  } catch {
    return emitted(outgoing, new Map(), 'The relay could not be asked.', true);
  }
}

function emitted(
  outgoing: Outgoing,
  answers: ReadonlyMap<string, RelayResult>,
  silence: string,
  isAttempted: boolean,
): Emitted {
  const results = outgoing.recipients.map(
    ({ address }): RelayResult => answers.get(address) ?? { address, outcome: 'temporary', reply: silence },
  );
  return brand<Emitted>({ outgoing, results, isAttempted });
}

/** NOTIFY of RFC 3461 as it is passed on. The sender is not told of recipients whom rules added. */
function notifyWord(record: RecipientRecord | undefined): string | null {
  if (record === undefined || record.origin === 'added') return 'NEVER';
  if (record.notify === null || record.notify === 'NEVER') return record.notify;
  return record.notify.join(',');
}
