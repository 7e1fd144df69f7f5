import type { DirectoryFacts } from '#lib/rules';
import type { Accepted, RecipientRecord } from '../message.js';
import type { DirectoryErrorCode } from '../errors.js';
import type { Known } from '../look-up.js';
import type { Directory, JudgeRequest, RecipientKeys } from '../ports.js';
import { addressesOf, namer, type Who } from './kept-judging.js';

/** Longer than this, as JSON, they are not kept: the explanation of such a message has its outcomes alone. */
export const CIRCUMSTANCES_CHARS_MAX = 1 << 20;

/**
 * What a verdict depends on besides the message, its envelope, its connection, the time at which it was received and the rule
 * set, all of which the record has: as it was when it was judged. Kept sealed with the message's key.
 */
export interface Circumstances {
  /** Who had a usable S/MIME key. */
  readonly smimeKeys: readonly Who[];
  /** What the directory had said; absent where no rule asked it. */
  readonly directory?: DirectoryFacts;
  /** Recipients who had been parked and released, or released unprotected; the others stood as at first. */
  readonly released?: readonly (Pick<RecipientRecord, 'resumeAfterRule' | 'isUnprotected'> & { readonly who: Who })[];
}

export type Asked = Pick<JudgeRequest, 'accepted' | 'smimeKeys' | 'directory'>;

/** Those of a request to the judge; `null` if they are too large. */
export function circumstancesOf({ accepted, smimeKeys, directory }: Asked): Circumstances | null {
  const whoOf = namer(accepted.recipients);
  const released = accepted.recipients
    .filter(({ resumeAfterRule, isUnprotected }) => resumeAfterRule !== null || isUnprotected)
    .map(({ address, resumeAfterRule, isUnprotected }) => ({ who: whoOf(address), resumeAfterRule, isUnprotected }));
  const circumstances = {
    smimeKeys: smimeKeys.map(whoOf),
    ...(directory === undefined ? {} : { directory }),
    ...(released.length === 0 ? {} : { released }),
  };
  return JSON.stringify(circumstances).length > CIRCUMSTANCES_CHARS_MAX ? null : circumstances;
}

/** What there was to be asked then. */
export interface AskedThen {
  /** As the record has it now, but for how recipients stood. Nobody is left for whom a plan would be made. */
  readonly accepted: Accepted;
  /** For `judgeKnowing`; the certificates themselves were not kept. */
  readonly known: Known;
  /** Answers as it did then; what it was not asked then it does not say. */
  readonly directory: Directory;
  /** Nobody has a key who had none then. */
  readonly keys: RecipientKeys;
}

/** The question as it was put to the judge then. */
export function askedThen(now: Accepted, { smimeKeys, directory, released = [] }: Circumstances): AskedThen {
  const addresses = addressesOf(
    released.map(({ who }) => who),
    now.recipients,
  );
  const standing = new Map(released.map(({ who: _who, ...one }, n) => [addresses[n] ?? '', one]));
  const recipients = now.recipients.map((recipient): RecipientRecord => ({
    ...recipient,
    state: 'delivered',
    ...(standing.get(recipient.address) ?? { resumeAfterRule: null, isUnprotected: false }),
  }));
  const keyed = addressesOf(smimeKeys, now.recipients);
  return {
    accepted: { ...now, recipients },
    known: {
      certificates: new Map(keyed.map((address) => [address, new Uint8Array()])),
      ...(directory === undefined ? {} : { directory }),
    },
    directory: { lookup: (_organizationId, addresses) => Promise.resolve(answersOf(directory ?? {}, addresses)) },
    keys: { usable: () => Promise.resolve([]) },
  };
}

const UNASKED: DirectoryErrorCode = 'ERR_DIRECTORY_LIMIT';

function answersOf(directory: DirectoryFacts, addresses: readonly string[]): DirectoryFacts {
  return Object.fromEntries(
    addresses.map((address) => [
      address,
      Object.hasOwn(directory, address) ? (directory[address] ?? null) : { errorCode: UNASKED },
    ]),
  );
}
