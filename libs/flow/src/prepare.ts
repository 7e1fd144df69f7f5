import type { Secret } from '#lib/core';
import { addedAddresses, type RuleSetContent } from '#lib/rules';
import { collect, concat } from './byte-streams.js';
import type { FlowPorts } from './flow-ports.js';
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
  readonly request: JudgeRequest;
  readonly marks: LoopMarks;
  /** DER of the newest usable certificate, by address. */
  readonly certificates: ReadonlyMap<string, Uint8Array>;
  readonly openRaw: () => AsyncIterable<Uint8Array>;
}

/** Opens the data key, loads the rule set that judges, and looks up the keys that there are now. */
export async function prepare(ports: FlowPorts, accepted: Accepted): Promise<Prepared> {
  const { organizationId, blob, wrappedKey } = accepted;
  const [dataKey, loopSecret, ruleSet] = await Promise.all([
    ports.kms.openDataKey(organizationId, wrappedKey),
    ports.kms.secretFor('loop-mark'),
    loadRuleSet(ports, accepted),
  ]);
  const readBlob = (): AsyncIterable<Uint8Array> => ports.blobs.read(dataKey, blob);
  const [raw, certificates] = await Promise.all([
    accepted.sizeBytes <= RAW_BYTES_MAX ? collect(readBlob()) : undefined,
    loadCertificates(ports, accepted, ruleSet.content),
  ]);
  return {
    accepted,
    dataKey,
    ruleSet,
    marks: new LoopMarks(loopSecret),
    certificates,
    openRaw: raw === undefined ? readBlob : () => concat(raw),
    request: {
      accepted,
      dataKey,
      ruleSet,
      loopSecret,
      smimeKeys: [...certificates.keys()],
      ...(raw === undefined ? {} : { raw }),
    },
  };
}

/** The rule set in force when the message was accepted, or the one that a person asked it to be judged with. */
async function loadRuleSet(ports: FlowPorts, accepted: Accepted): Promise<JudgeRequest['ruleSet']> {
  const hash = accepted.rejudgeWith ?? accepted.ruleSet;
  // Notices pass without rules.
  const content = accepted.kind === 'notice' ? NO_RULES : await ports.ruleSets.load(accepted.organizationId, hash);
  return { hash, content };
}

async function loadCertificates(
  ports: FlowPorts,
  accepted: Accepted,
  content: RuleSetContent,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const certificates = new Map<string, Uint8Array>();
  if (accepted.kind === 'notice') return certificates;
  const addresses = new Set(accepted.recipients.map((recipient) => recipient.address));
  for (const address of addedAddresses(content)) addresses.add(address);
  const usable = await ports.keys.usable(accepted.organizationId, [...addresses], ports.clock.now());
  for (const { address, der } of usable) if (!certificates.has(address)) certificates.set(address, der);
  return certificates;
}
