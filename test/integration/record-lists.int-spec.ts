import { packInTurns, type Database, type NamedList } from '#lib/adapters';
import { ListBuilder, openPackedList, type ListReference, type ListType, type PackedEntries } from '#lib/rules';
import { namedListsContract } from '../contract/named-lists-contract.js';
import { PostgresServer } from '../support/postgres.js';
import { allPages, openRecordDatabase, ruleInputOf, type RecordDatabase } from '../support/record-ground.js';

async function packed(type: ListType, entries: Iterable<string>): Promise<PackedEntries> {
  const builder = new ListBuilder(type);
  for (const entry of entries) builder.add(entry);
  return await packInTurns(builder);
}

const referenceOf = ({ name, type, entries }: NamedList): ListReference => ({ name, type, ...entries });
const ASKS = { fact: 'recipient.address', operator: 'inList', value: 'vips' } as const;

describe('stored lists', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;

  beforeEach(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  const create = (name: string, type: ListType = 'addresses') =>
    database.lists.create(organizationId, { name, type, description: '' });
  const fill = async (name: string, entries: Iterable<string>, type: ListType = 'addresses'): Promise<NamedList> => {
    const written = await database.lists.replaceEntries(organizationId, name, null, await packed(type, entries));
    if (written.kind !== 'written') throw new Error(written.kind);
    return written.list;
  };
  const currentSet = () => database.rules.current(organizationId);

  it('begin empty, have a name of their own, and come in the order of their names', async () => {
    expect(await create('b')).toMatchObject({
      kind: 'written',
      list: { name: 'b', version: 1, entries: { version: 1, count: 0 } },
    });
    expect(await create('b')).toEqual({ kind: 'taken' });
    await create('a', 'words');
    await create('c');
    const all = await allPages((page) => database.lists.list(organizationId, page));
    expect(all.map(({ name, type }) => `${name} ${type}`)).toEqual(['a words', 'b addresses', 'c addresses']);
  });

  it('count what was written, and the entries apart', async () => {
    await create('vips');
    const filled = await fill('vips', ['ann@x.example']);
    expect(filled).toMatchObject({ version: 2, entries: { version: 2, count: 1 } });
    expect(await fill('vips', ['Ann@X.example', 'ann@x.example'])).toEqual(filled);
    const said = await database.lists.describe(organizationId, 'vips', 2, { description: 'x' });
    expect(said).toMatchObject({ list: { version: 3, description: 'x', entries: { version: 2 } } });
    expect(await database.lists.describe(organizationId, 'vips', 2, { description: 'y' })).toEqual({ kind: 'stale' });
    expect(await database.lists.remove(organizationId, 'vips', 1)).toEqual({ kind: 'stale' });
    expect(await database.lists.remove(organizationId, 'vips', 3)).toEqual({ kind: 'written' });
    expect(await database.lists.find(organizationId, 'vips')).toBeUndefined();
    expect(await database.lists.remove(organizationId, 'vips', null)).toEqual({ kind: 'missing' });
  });

  it('publish a rule set where a rule asks them, and only there', async () => {
    await create('vips');
    const before = await currentSet();
    const first = await fill('vips', ['ann@x.example']);
    expect((await currentSet()).hash).toBe(before.hash);
    await database.rules.create(organizationId, ruleInputOf({ name: 'asks', conditions: { not: { all: [ASKS] } } }));
    const asking = await currentSet();
    expect(asking.content.lists).toEqual([expect.objectContaining({ name: 'vips', version: 2, count: 1 })]);
    expect(asking.content.lists?.[0]?.sha256).toBe(first.entries.sha256);
    await fill('vips', ['ann@x.example', 'bob@x.example']);
    const after = await currentSet();
    expect(after.hash).not.toBe(asking.hash);
    expect(after.content.lists).toMatchObject([{ name: 'vips', version: 3, count: 2 }]);
    await database.lists.describe(organizationId, 'vips', null, { description: 'other' });
    expect((await currentSet()).hash).toBe(after.hash);
  });

  it('stay as long as a rule asks them', async () => {
    await create('vips');
    const rule = await database.rules.create(organizationId, ruleInputOf({ name: 'asks', exceptions: ASKS }));
    const refused = { kind: 'used', by: { rules: ['asks'] } };
    expect(await database.lists.remove(organizationId, 'vips', null)).toEqual(refused);
    await database.rules.remove(organizationId, rule.id, null);
    expect(await database.lists.remove(organizationId, 'vips', null)).toEqual({ kind: 'written' });
  });

  it('guarantees that entries are kept as long as a list or a rule set refers to them, and forgotten then', async () => {
    await create('vips');
    const judged = await fill('vips', ['judged@x.example']);
    await database.rules.create(organizationId, ruleInputOf({ name: 'asks', conditions: ASKS }));
    const now = await fill('vips', ['now@x.example']);
    await create('others');
    const gone = await fill('others', ['gone@x.example']);
    await fill('others', ['other@x.example']);
    expect(await database.housekeeping.forgetLists(new Date(Date.now() - 60_000))).toBe(0);
    await database.housekeeping.forgetLists(new Date(Date.now() + 60_000));
    const fresh = ground.open();
    const loaded = await fresh.sharedLists.load(organizationId, [judged, now, gone].map(referenceOf));
    expect([...loaded.keys()]).toEqual([judged.entries.sha256, now.entries.sha256]);
    // The same entries may come again.
    expect((await fill('others', ['gone@x.example'])).entries.sha256).toBe(gone.entries.sha256);
    expect((await fresh.sharedLists.load(organizationId, [referenceOf(gone)])).size).toBe(1);
  });

  it('of many chunks come back whole', async () => {
    await create('many');
    const list = await fill(
      'many',
      Array.from({ length: 60_000 }, (_none, n) => `someone-${n}@host${n % 1009}.example`),
    );
    const [row] = await ground.look('SELECT count(*)::integer AS chunks FROM list_chunk WHERE sha256 = $1', [
      list.entries.sha256,
    ]);
    expect(row?.['chunks']).toBeGreaterThan(1);
    const buffer = (await database.sharedLists.load(organizationId, [referenceOf(list)])).get(list.entries.sha256);
    const opened = openPackedList(referenceOf(list), buffer as SharedArrayBuffer);
    expect([opened.has('someone-59999@host468.example'), opened.has('nobody@host1.example')]).toEqual([true, false]);
  });

  it('whose bytes were changed count as gone', async () => {
    await create('vips');
    const list = await fill('vips', ['ann@x.example']);
    await ground.look(`UPDATE list_chunk SET bytes = set_byte(bytes, 60, 1) WHERE sha256 = $1`, [list.entries.sha256]);
    expect((await database.sharedLists.load(organizationId, [referenceOf(list)])).size).toBe(0);
  });

  it('are written one after the other when they are written at once', async () => {
    await create('vips');
    await database.rules.create(organizationId, ruleInputOf({ name: 'asks', conditions: ASKS }));
    await Promise.all(['a', 'b', 'c', 'a', 'b'].map((name) => fill('vips', [`${name}@x.example`])));
    const list = await database.lists.find(organizationId, 'vips');
    const { content } = await currentSet();
    expect(content.lists?.[0]).toMatchObject({ version: list?.entries.version, sha256: list?.entries.sha256 });
  });
});

describe('stored lists as the line loads them', () => {
  namedListsContract(async () => {
    const ground = await openRecordDatabase(await PostgresServer.shared());
    const { database, organizationId } = ground;
    return {
      lists: database.sharedLists,
      organizationId,
      put: async (name, type, entries) => {
        await database.lists.create(organizationId, { name, type, description: '' });
        const packing = await packed(type, entries);
        const written = await database.lists.replaceEntries(organizationId, name, null, packing);
        if (written.kind !== 'written') throw new Error(written.kind);
        return referenceOf(written.list);
      },
      lose: async ({ sha256 }) => {
        await ground.look('DELETE FROM list_chunk WHERE sha256 = $1', [sha256]);
      },
      close: () => ground.close(),
    };
  });
});
