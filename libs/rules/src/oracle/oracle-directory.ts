import type { DirectoryEntry, FactError, FactRecord, FactValue, Rule } from '../types.js';

type Known = DirectoryEntry | FactError | null;

/** The page "Facts": what the directory says of an address. */
export function knownOf(address: string | undefined, { directory }: FactRecord): Known {
  if (address === undefined) return null;
  const entry = directory?.[address];
  return entry === undefined ? { errorCode: 'ERR_DIRECTORY_UNASKED' } : entry;
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** `undefined` if the fact is none of the directory's. */
export function oracleDirectory(
  fact: string,
  params: Readonly<Record<string, unknown>>,
  people: readonly (string | undefined)[],
  record: FactRecord,
): { readonly value: FactValue | FactError } | undefined {
  const [, what] = /^(?:sender|recipient)\.(groups|manager|attribute|canEncrypt)$/.exec(fact) ?? [];
  if (what === undefined) return undefined;
  const found = people.map((address) => knownOf(address, record));
  const wrong = found.find((one) => one !== null && 'errorCode' in one);
  if (wrong !== undefined) return { value: wrong };
  const known = found as readonly (DirectoryEntry | null)[];
  const name = String(params['name']).toLowerCase();
  if (what === 'canEncrypt') return { value: known.map((one) => one !== null && one.canEncrypt) };
  return {
    value: known.flatMap((one) => {
      if (one === null) return [];
      if (what === 'groups') return one.groups;
      return what === 'manager' ? [one.manager ?? []].flat() : (one.attributes[name] ?? []);
    }),
  };
}

/** Of some relations those that there are between one of the senders and a recipient. */
export function oracleRelations(
  asked: readonly string[],
  recipient: string,
  record: FactRecord,
): FactValue | FactError {
  const senders = record.headerFrom.map(({ address }) => address);
  for (const one of [recipient, ...senders]) {
    const known = knownOf(one, record);
    if (known !== null && 'errorCode' in known) return known;
  }
  const of = (address: string | undefined): DirectoryEntry | null => knownOf(address, record) as DirectoryEntry | null;
  const isManagerOf = (boss: string | undefined, address: string | undefined): boolean => {
    const manager = of(address)?.manager;
    return [boss, of(boss)?.address].some(
      (one) => typeof manager === 'string' && one !== undefined && same(one, manager),
    );
  };
  const isIn = (address: string | undefined, group: string | undefined): boolean =>
    of(address)?.groups.some((one) => same(one, group ?? '')) === true;
  return asked.filter((relation) =>
    senders.some((sender) => {
      const [kind = '', rest = ''] = relation.split(':');
      if (kind === 'senderManagesRecipient') return isManagerOf(sender, recipient);
      if (kind === 'recipientManagesSender') return isManagerOf(recipient, sender);
      if (kind === 'sameAttribute') {
        const ours = of(sender)?.attributes[rest.toLowerCase()] ?? [];
        const theirs = of(recipient)?.attributes[rest.toLowerCase()] ?? [];
        return ours.some((one) => theirs.some((other) => same(one, other)));
      }
      const [one, other] = rest.split('/');
      return (isIn(sender, one) && isIn(recipient, other)) || (isIn(sender, other) && isIn(recipient, one));
    }),
  );
}

/** Whether an address is in a group, through others too. */
export function oracleMember(address: string, group: string, record: FactRecord): boolean | { readonly error: string } {
  const known = knownOf(address, record);
  if (known !== null && 'errorCode' in known) return { error: known.errorCode };
  return known !== null && known.groups.some((one) => same(one, group));
}

/** Where the managers of all senders are: or why a copy for them cannot be sent. */
export function oracleManagers(record: FactRecord): readonly string[] | FactError {
  const all: string[] = [];
  for (const { address } of record.headerFrom) {
    const known = knownOf(address, record);
    if (known !== null && 'errorCode' in known) return known;
    if (typeof known?.manager !== 'string') return { errorCode: 'ERR_MANAGER_UNKNOWN' };
    all.push(known.manager);
  }
  return all.length > 0 ? all : { errorCode: 'ERR_MANAGER_UNKNOWN' };
}

/** Rules with the addresses of managers where they stand for them, if these are known. */
export function withManagers(rules: readonly Rule[], record: FactRecord): readonly Rule[] {
  const managers = oracleManagers(record);
  if ('errorCode' in managers) return rules;
  const meant = (addresses: readonly string[]): readonly string[] => [
    ...new Set(addresses.flatMap((one) => (one === 'senderManager' ? managers : [one]))),
  ];
  return rules.map((rule) => ({
    ...rule,
    actions: rule.actions.map((one) => ('addresses' in one ? { ...one, addresses: meant(one.addresses) } : one)),
  }));
}
