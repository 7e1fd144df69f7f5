import type { LeafCondition, RuleSetContent } from '../types.js';
import { actionReads, placeholdersOf } from './action-reads.js';
import { factsOf } from './facts-read.js';
import { conditionsWithin } from './references-of.js';

/** Of whom the directory is to be asked before a message is judged. */
export interface DirectoryNeeds {
  /** Every mailbox of From and the envelope's sender. */
  readonly sender: boolean;
  /** The recipients of the envelope, and those whom rules may add. */
  readonly recipients: boolean;
  /** The addresses in To and Cc. */
  readonly headers: boolean;
  /** A rule may send to the managers of those in From. */
  readonly senderManager: boolean;
}

const OF_SENDER = /^(?:sender\.(?:groups|manager|attribute|canEncrypt)|relation)$/;
const OF_RECIPIENT = /^(?:recipient\.(?:groups|manager|attribute)|relation)$/;
/** A placeholder for something that the directory says. */
const PLACEHOLDER = /^(sender|recipient)\.(?:attribute|manager)\b/;

const known = new WeakMap<object, DirectoryNeeds>();

/** What rules of the set that are enabled ask of the directory, named conditions included. Found once for each content. */
export function directoryNeeds(content: Pick<RuleSetContent, 'rules' | 'conditions'>): DirectoryNeeds {
  let needs = known.get(content);
  if (needs === undefined) {
    needs = readNeeds(content);
    known.set(content, needs);
  }
  return needs;
}

function readNeeds({ rules, conditions = {} }: Pick<RuleSetContent, 'rules' | 'conditions'>): DirectoryNeeds {
  const enabled = rules.filter((rule) => rule.enabled);
  const { leaves } = conditionsWithin(enabled, conditions);
  const asks = (facts: RegExp): boolean => leaves.some((leaf) => factsOf(leaf).some((fact) => facts.test(fact)));
  const asksMembers = (facts: RegExp): boolean => leaves.some((leaf) => isMemberOf(leaf) && facts.test(leaf.fact));
  const filled = enabled.flatMap(({ actions }) => placeholdersOf(actions).map((name) => PLACEHOLDER.exec(name)?.[1]));
  const fills = (whose: string): boolean => filled.includes(whose);
  const hasRollout = enabled.some(({ rollout }) => (rollout?.senders.length ?? 0) > 0);
  const senderManager = enabled.some(({ actions }) => actionReads(actions).senderManager);
  return {
    sender: senderManager || hasRollout || fills('sender') || asks(OF_SENDER) || asksMembers(/^sender\./),
    recipients: fills('recipient') || asks(OF_RECIPIENT) || asksMembers(/^(?:recipient\.|rcptTo$)/),
    headers: asksMembers(/^(?:to|cc|toOrCc)$/),
    senderManager,
  };
}

function isMemberOf({ operator }: LeafCondition): boolean {
  return /(?:^|:)memberOf$/.test(operator);
}
