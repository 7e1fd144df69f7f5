import type { Directory } from '#lib/flow';
import type { DirectoryEntry, DirectoryFacts } from '#lib/rules';

/** The people and groups of the suite, as an adapter is to be filled with them. */
export const PEOPLE = [
  {
    address: 'ann@example.com',
    aliases: ['a.doe@example.com', 'annie@old.example'],
    displayName: 'Ann Doe',
    manager: 'boss@example.com',
    attributes: { department: ['Finance', 'Board'], title: ['Clerk'] },
  },
  { address: 'boss@example.com', aliases: [], displayName: 'The Boss', manager: null, attributes: {} },
  { address: 'bob(x)*@example.com', aliases: [], displayName: 'Bob', manager: 'boss@example.com', attributes: {} },
] as const;

/** Members are addresses of people, and names of groups that come later or earlier. */
export const GROUPS = [
  { name: 'Staff', address: 'staff@example.com', members: ['Finance', 'boss@example.com'] },
  { name: 'Finance', address: 'finance@example.com', members: ['ann@example.com'] },
  { name: 'Ring one', address: null, members: ['Ring two', 'boss@example.com'] },
  { name: 'Ring two', address: null, members: ['Ring three'] },
  { name: 'Ring three', address: null, members: ['Ring one'] },
  { name: 'Nobody', address: null, members: [] },
] as const;

export interface DirectoryGround {
  readonly directory: Directory;
  readonly organizationId: string;
}

/** The one suite of the port `Directory`, run on every adapter of it. */
export function directoryContract(ground: () => DirectoryGround): void {
  const lookup = (...addresses: string[]): Promise<DirectoryFacts> =>
    ground().directory.lookup(ground().organizationId, addresses);
  const entryOf = async (address: string): Promise<DirectoryEntry> => {
    const entry = (await lookup(address))[address];
    if (entry === null || entry === undefined || 'errorCode' in entry) throw new Error('no entry');
    return entry;
  };
  const groupsOf = async (address: string): Promise<string[]> => [...(await entryOf(address)).groups].sort();

  it('answers for every address that it is asked about, and says null of those that it does not know', async () => {
    const facts = await lookup('nobody@example.com', 'ann@example.com', '__proto__@example.com');
    expect(Object.keys(facts).sort()).toEqual(['__proto__@example.com', 'ann@example.com', 'nobody@example.com']);
    expect(facts['nobody@example.com']).toBeNull();
    expect(await lookup()).toEqual({});
  });

  it('has name, manager, attributes and entitlement of a person', async () => {
    expect(await entryOf('ann@example.com')).toMatchObject({
      address: 'ann@example.com',
      displayName: 'Ann Doe',
      manager: 'boss@example.com',
      attributes: { department: expect.arrayContaining(['Finance', 'Board']), title: ['Clerk'] },
      canEncrypt: true,
    });
    expect(await entryOf('boss@example.com')).toMatchObject({ manager: null });
  });

  it('knows a person by any alias, with the same groups', async () => {
    const facts = await lookup('a.doe@example.com', 'annie@old.example', 'ann@example.com');
    expect(facts['a.doe@example.com']).toEqual(facts['ann@example.com']);
    expect(facts['annie@old.example']).toEqual(facts['ann@example.com']);
  });

  it('has the groups that a person is in through others, by name and by address, in lower case', async () => {
    expect(await groupsOf('ann@example.com')).toEqual(['finance', 'finance@example.com', 'staff', 'staff@example.com']);
  });

  it('guarantees that groups which are in each other end', async () => {
    expect(await groupsOf('boss@example.com')).toEqual([
      ...['ring one', 'ring three', 'ring two', 'staff', 'staff@example.com'],
    ]);
  });

  it('takes mail to the address of a group for mail to one who is in it', async () => {
    expect(await entryOf('finance@example.com')).toMatchObject({ address: 'finance@example.com', manager: null });
    expect(await groupsOf('finance@example.com')).toEqual(await groupsOf('ann@example.com'));
  });

  it('guarantees that no address is a pattern', async () => {
    expect(await entryOf('bob(x)*@example.com')).toMatchObject({ displayName: 'Bob' });
    expect(await lookup('*', '*@example.com', 'bob*@example.com')).toEqual({
      ...{ '*': null, '*@example.com': null, 'bob*@example.com': null },
    });
  });

  it('knows nobody of another organization', async () => {
    const other = '00000000-0000-8000-8000-0000000000ff';
    expect(await ground().directory.lookup(other, ['ann@example.com'])).toEqual({ 'ann@example.com': null });
  });
}
