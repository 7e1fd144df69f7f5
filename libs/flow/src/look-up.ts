import { normalizeAddress, type Clock } from '#lib/core';
import { addedAddresses, directoryNeeds, type DirectoryFacts, type RuleSetContent } from '#lib/rules';
import type { DirectoryErrorCode } from './errors.js';
import type { Accepted } from './message.js';
import type { Directory, NamedLists, RecipientKeys } from './ports.js';

/** More addresses that stand in the header alone are not looked up: facts of the others are in error. */
const OF_HEADER_MAX = 100;

export interface LookUpPorts {
  readonly keys: RecipientKeys;
  readonly directory: Directory;
  readonly lists: NamedLists;
  readonly clock: Clock;
}

/** What the world says of the addresses of a message. */
export interface Known {
  /** Absent where no rule asks the directory. */
  readonly directory?: DirectoryFacts;
  /** DER of the newest usable certificate, by address. */
  readonly certificates: ReadonlyMap<string, Uint8Array>;
}

/**
 * What there is to know before the message is read: keys of the recipients and of those whom rules may add, and what the
 * directory says of them and of the envelope's sender, as far as rules ask. Errors: those of the ports.
 */
export async function lookUp(ports: LookUpPorts, accepted: Accepted, content: RuleSetContent): Promise<Known> {
  // Notices pass without rules, and in clear.
  if (accepted.kind === 'notice') return { certificates: new Map() };
  const needs = directoryNeeds(content);
  const { mailFrom } = accepted.envelope;
  const recipients = [...accepted.recipients.map(({ address }) => address), ...addedAddresses(content)];
  const senders = needs.sender && mailFrom !== '' ? [normalizeAddress(mailFrom) ?? mailFrom] : [];
  const [certificates, directory] = await Promise.all([
    loadCertificates(ports, accepted, recipients),
    askDirectory(ports, accepted, [...senders, ...(needs.recipients ? recipients : [])]),
  ]);
  if (!needs.sender && !needs.recipients && !needs.headers) return { certificates };
  return await withManagers(ports, accepted, content, senders, { certificates, directory });
}

/** The same with addresses of the header, known once it has been read; all of them stand in `directory` then. */
export async function lookUpWanted(
  ports: LookUpPorts,
  accepted: Accepted,
  content: RuleSetContent,
  addresses: readonly string[],
  known: Known,
): Promise<Known> {
  const asked = addresses.slice(0, OF_HEADER_MAX);
  const tooMany = addresses.slice(OF_HEADER_MAX);
  const errorCode: DirectoryErrorCode = 'ERR_DIRECTORY_LIMIT';
  const directory = {
    ...known.directory,
    ...Object.fromEntries(tooMany.map((address) => [address, { errorCode }])),
    ...(await askDirectory(ports, accepted, asked)),
  };
  return await withManagers(ports, accepted, content, asked, { ...known, directory });
}

/** Mail may be sent to a manager of these senders: keys and directory are asked about them as about any recipient. */
async function withManagers(
  ports: LookUpPorts,
  accepted: Accepted,
  content: RuleSetContent,
  senders: readonly string[],
  known: Known & { readonly directory: DirectoryFacts },
): Promise<Known> {
  const needs = directoryNeeds(content);
  if (!needs.senderManager) return known;
  const managers = senders.flatMap((address) => {
    const entry = known.directory[address];
    return entry === null || entry === undefined || 'errorCode' in entry ? [] : (entry.manager ?? []);
  });
  const unasked = managers.filter((address) => !Object.hasOwn(known.directory, address));
  const [certificates, directory] = await Promise.all([
    loadCertificates(ports, accepted, managers),
    askDirectory(ports, accepted, needs.recipients ? unasked : []),
  ]);
  return {
    certificates: new Map([...known.certificates, ...certificates]),
    directory: { ...known.directory, ...directory },
  };
}

async function askDirectory(
  { directory }: LookUpPorts,
  { organizationId }: Accepted,
  addresses: readonly string[],
): Promise<DirectoryFacts> {
  return addresses.length === 0 ? {} : await directory.lookup(organizationId, [...new Set(addresses)]);
}

async function loadCertificates(
  { keys, clock }: LookUpPorts,
  { organizationId }: Accepted,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const certificates = new Map<string, Uint8Array>();
  if (addresses.length === 0) return certificates;
  const usable = await keys.usable(organizationId, [...new Set(addresses)], clock.now());
  for (const { address, der } of usable) if (!certificates.has(address)) certificates.set(address, der);
  return certificates;
}
