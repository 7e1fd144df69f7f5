import { lastingCode } from './errors.js';
import { reportTrouble, type FlowPorts } from './flow-ports.js';
import { inTurns } from './in-turns.js';
import type { Disposition, Outgoing, Plan, PlanGroup } from './message.js';
import type { Prepared } from './prepare.js';
import { act, readBareHeader, type ActContext } from './steps/act.js';

/** So often is a copy that cannot be made tried again, with the whole message, before its recipients are held. */
const TRIES_MAX = 10;
const AT_A_TIME = 8;
/** Copies of one message that wait in memory until they leave; the others are read from the blob store. */
const MEMORY_BYTES_MAX = 4 << 20;

export interface ActedAll {
  readonly copies: readonly Outgoing[];
  readonly held: readonly Disposition[];
}

/**
 * Makes the copies of all groups. One that cannot be made: its recipients are held if trying again will not mend it, or
 * has not; else the error is thrown before anything has left. Never is another, weaker copy made in its place.
 */
export async function actAll(ports: FlowPorts, prepared: Prepared, plan: Plan): Promise<ActedAll> {
  if (plan.groups.length === 0) return { copies: [], held: [] };
  const { blobs, random, hostName } = ports;
  const { accepted } = prepared;
  const source = { ...prepared, certificates: prepared.known.certificates, mail: plan.mail };
  const memory = { bytesLeft: MEMORY_BYTES_MAX };
  const context: ActContext = { ...source, blobs, random, hostName, memory, header: await readBareHeader(source) };
  const held: Disposition[] = [];
  const copies = await inTurns(plan.groups, AT_A_TIME, async (group) => {
    try {
      return await act(context, group);
    } catch (error) {
      const code = lastingCode(error) ?? (accepted.tries >= TRIES_MAX ? 'ERR_SEAL_FAILED' : undefined);
      if (code === undefined) throw error;
      reportTrouble(ports, accepted, error);
      held.push(...holdGroup(group, code));
      return null;
    }
  });
  return { copies: copies.filter((copy) => copy !== null), held };
}

function holdGroup(group: PlanGroup, code: string): Disposition[] {
  return group.recipients.map((recipient) => ({
    ...recipient,
    state: 'held',
    code,
    ...(group.protection === 'smime' ? { protection: group.protection } : {}),
  }));
}
