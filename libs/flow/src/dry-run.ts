import { createHash } from 'node:crypto';
import { deriveId, domainOf, Secret } from '#lib/core';
import { addressesOfHeader, canonicalizeLineEnds, splitMessage } from '#lib/mail';
import type { RuleRange } from '#lib/rules';
import { collect, inTurns } from './byte-streams.js';
import { dryRunOf, type DryRun } from './dry-run-view.js';
import { judgeKnowing } from './judge-knowing.js';
import { lookUp, type LookUpPorts } from './look-up.js';
import type { Accepted, Connection, RecipientRecord } from './message.js';
import type { Judge, JudgeRequest, Kms } from './ports.js';

export interface DryRunPorts extends LookUpPorts {
  readonly judge: Judge;
  readonly kms: Pick<Kms, 'secretFor'>;
}

export interface DryRunInput {
  readonly organizationId: string;
  /** The message, with any line ends. */
  readonly raw: Uint8Array;
  /** In the form of `normalizeAddress`; absent: the first address of From. */
  readonly mailFrom?: string;
  /** Likewise; absent or empty: the addresses of To, Cc and Bcc. */
  readonly rcptTo?: readonly string[];
  /** The stored rule set, or one made of the rules that came with the question. */
  readonly ruleSet: JudgeRequest['ruleSet'];
  /**
   * `true`: as from a trusted network, `false`: as from a stranger; absent: as with an API key. The first and the last
   * speak for the organization's domains only.
   */
  readonly isTrusted?: boolean;
  /** Only these rules are told of; absent: all. */
  readonly range?: RuleRange;
}

/**
 * What the line would do with a message that came by REST now: the same judge, the keys and people of now. Nothing is kept or sent.
 * Errors: those of the ports; a message that cannot be judged is an answer, each recipient with the code of the hold.
 */
export async function evaluateDryRun(ports: DryRunPorts, input: DryRunInput): Promise<DryRun> {
  const { ruleSet, range } = input;
  const raw = await collect(canonicalizeLineEnds(inTurns(input.raw)));
  const accepted = await asAccepted(input, raw, ports.clock.now());
  const [known, loopSecret] = await Promise.all([
    lookUp(ports, accepted, ruleSet.content),
    ports.kms.secretFor('loop-mark'),
  ]);
  const dataKey = new Secret(new Uint8Array(32));
  const question = { accepted, dataKey, ruleSet, loopSecret, raw, isExplained: range ?? true };
  const { judgement } = await judgeKnowing(ports, question, known);
  return dryRunOf(judgement, ruleSet, accepted);
}

async function asAccepted(input: DryRunInput, raw: Uint8Array, now: Date): Promise<Accepted> {
  const header = await addressesIn(raw);
  const mailFrom = input.mailFrom ?? header.from[0] ?? '';
  const rcptTo = input.rcptTo === undefined || input.rcptTo.length === 0 ? header.to : input.rcptTo;
  return {
    id: deriveId('dry-run', createHash('sha256').update(raw).digest('hex')),
    organizationId: input.organizationId,
    kind: 'mail',
    envelope: { mailFrom, dsnReturn: null, envid: null },
    recipients: [...new Set(rcptTo)].map(asRecipient),
    connection: asConnection(input, mailFrom),
    receivedAt: now.toISOString(),
    sizeBytes: raw.length,
    ruleSet: input.ruleSet.hash,
    blob: '',
    wrappedKey: new Uint8Array(0),
    queue: 'process',
    claim: '',
    tries: 1,
    rejudgeWith: null,
  };
}

/** A header over the limits gives no addresses here; the judge says which limit it was. */
async function addressesIn(raw: Uint8Array): Promise<{ from: readonly string[]; to: readonly string[] }> {
  try {
    const { header } = await splitMessage(inTurns(raw));
    return { from: addressesOfHeader(header, ['From']), to: addressesOfHeader(header, ['To', 'Cc', 'Bcc']) };
  } catch {
    return { from: [], to: [] };
  }
}

function asConnection({ isTrusted, ruleSet }: DryRunInput, mailFrom: string): Connection {
  const isOurs = mailFrom !== '' && ruleSet.content.settings.acceptedDomains.includes(domainOf(mailFrom));
  return {
    source: 'rest',
    isAuthenticated: isOurs && isTrusted !== false,
    isTrustedNetwork: isTrusted === true,
    ip: null,
    helo: null,
    isTls: false,
    apiKeyId: null,
    connectorId: null,
  };
}

function asRecipient(address: string, n: number): RecipientRecord {
  return {
    address,
    n,
    notify: null,
    orcpt: null,
    origin: 'envelope',
    state: 'pending',
    resumeAfterRule: null,
    isUnprotected: false,
    deliveryId: null,
    attempts: 0,
    firstAttemptAt: null,
  };
}
