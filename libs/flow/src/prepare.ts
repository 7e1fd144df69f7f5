import type { Secret } from '#lib/core';
import type { RuleSetContent } from '#lib/rules';
import { collect, concat } from './byte-streams.js';
import type { FlowPorts } from './flow-ports.js';
import { lookUp, type Known } from './look-up.js';
import { LoopMarks } from './loop-mark.js';
import type { Accepted } from './message.js';
import type { JudgeRequest } from './ports.js';

/** Messages up to this size are read once and kept; larger ones are read from the blob store whenever they are needed. */
const RAW_BYTES_MAX = 256 * 1024;
const NO_RULES: RuleSetContent = { rules: [], settings: { acceptedDomains: [], partnerDomains: [], timeZone: 'UTC' } };

/** What a run needs of the world before it can think. */
export interface Prepared {
  readonly accepted: Accepted;
  readonly dataKey: Secret<Uint8Array>;
  readonly ruleSet: JudgeRequest['ruleSet'];
  readonly question: Omit<JudgeRequest, 'smimeKeys' | 'directory' | 'lists'>;
  readonly marks: LoopMarks;
  readonly known: Known;
  readonly openRaw: () => AsyncIterable<Uint8Array>;
}

/** Opens the data key, loads the rule set that judges, and looks up the keys and people that there are now. */
export async function prepare(ports: FlowPorts, accepted: Accepted): Promise<Prepared> {
  const { organizationId, blob, wrappedKey } = accepted;
  const [dataKey, loopSecret, ruleSet] = await Promise.all([
    ports.kms.openDataKey(organizationId, wrappedKey),
    ports.kms.secretFor('loop-mark'),
    loadRuleSet(ports, accepted),
  ]);
  const readBlob = (): AsyncIterable<Uint8Array> => ports.blobs.read(dataKey, blob);
  const [raw, known] = await Promise.all([
    accepted.sizeBytes <= RAW_BYTES_MAX ? collect(readBlob()) : undefined,
    lookUp(ports, accepted, ruleSet.content),
  ]);
  return {
    accepted,
    dataKey,
    ruleSet,
    marks: new LoopMarks(loopSecret),
    known,
    openRaw: raw === undefined ? readBlob : () => concat(raw),
    question: { accepted, dataKey, ruleSet, loopSecret, ...(raw === undefined ? {} : { raw }) },
  };
}

/** The rule set in force when the message was accepted, or the one that a person asked it to be judged with. */
async function loadRuleSet(ports: FlowPorts, accepted: Accepted): Promise<JudgeRequest['ruleSet']> {
  const hash = accepted.rejudgeWith ?? accepted.ruleSet;
  // Notices pass without rules.
  const content = accepted.kind === 'notice' ? NO_RULES : await ports.ruleSets.load(accepted.organizationId, hash);
  return { hash, content };
}
