import type { Database, DirectoryUserInput, GroupLine, UserLine } from '#lib/adapters';
import type { DirectoryEntry } from '#lib/rules';
import { directoryContract, GROUPS, PEOPLE } from '../contract/directory-contract.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecordDatabase, type RecordDatabase } from '../support/record-ground.js';

const PAGE = { limit: 50, cursor: null };
const KEEP = { isDryRun: false, removesOthers: false };
const personOf = (address: string, more: Partial<DirectoryUserInput> = {}): DirectoryUserInput => ({
  address,
  aliases: [],
  displayName: null,
  manager: null,
  attributes: {},
  canEncrypt: true,
  ...more,
});

describe('the stored directory', () => {
  let ground: RecordDatabase;
  let database: Database;
  let mine: string;

  const groupsOf = async (address: string): Promise<string[]> => {
    const entry = (await database.directory.lookup(mine, [address]))[address];
    return [...((entry as DirectoryEntry | null)?.groups ?? [])].sort();
  };

  beforeAll(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId: mine } = ground);
    for (const person of PEOPLE) await database.directoryUsers.create(mine, personOf(person.address, person));
    for (const { name, address, members } of GROUPS) {
      const stored = members.map((member) => member.toLowerCase());
      await database.directoryGroups.create(mine, { name, address, members: stored });
    }
  });
  afterAll(async () => {
    await ground.close();
  });

  directoryContract(() => ({ directory: database.directory, organizationId: mine }));

  it('says of a manager who is named by an alias whose that is, and keeps one whom it does not know', async () => {
    await database.directoryUsers.create(mine, personOf('x1@example.com', { manager: 'a.doe@example.com' }));
    await database.directoryUsers.create(mine, personOf('x2@example.com', { manager: 'later@example.com' }));
    const facts = await database.directory.lookup(mine, ['x1@example.com', 'x2@example.com']);
    expect(facts).toMatchObject({
      'x1@example.com': { manager: 'ann@example.com' },
      'x2@example.com': { manager: 'later@example.com' },
    });
  });

  it('knows people outside as members, and members by an alias', async () => {
    const members = ['partner@customer.example', 'annie@old.example'];
    await database.directoryGroups.create(mine, { name: 'Project', address: null, members });
    expect(await groupsOf('partner@customer.example')).toEqual(['project']);
    expect(await groupsOf('ann@example.com')).toContain('project');
  });

  it('guarantees that an address of more than 2,000 groups is an error, not a part of them', async () => {
    const lines = Array.from({ length: 2_001 }, (_, n): GroupLine => ({
      line: n + 2,
      name: `Many ${n}`,
      member: 'many@example.com',
    }));
    await database.directoryGroups.import(mine, lines, KEEP);
    expect(await database.directory.lookup(mine, ['many@example.com', 'boss@example.com'])).toMatchObject({
      'many@example.com': { errorCode: 'ERR_DIRECTORY_LIMIT' },
      'boss@example.com': { displayName: 'The Boss' },
    });
  });

  it('guarantees that no two people have one address, whichever of them it is', async () => {
    const { directoryUsers } = database;
    const taken = { kind: 'taken', values: ['a.doe@example.com'] };
    const made = await directoryUsers.create(mine, personOf('new@example.com', { aliases: ['a.doe@example.com'] }));
    expect(made).toEqual(taken);
    expect((await directoryUsers.list(mine, { address: 'new@example.com' }, PAGE)).items).toEqual([]);
    const [ann] = (await directoryUsers.list(mine, { address: 'annie@old.example' }, PAGE)).items;
    const [boss] = (await directoryUsers.list(mine, { address: 'boss@example.com' }, PAGE)).items;
    const change = personOf('boss@example.com', { aliases: ['a.doe@example.com'] });
    expect(await directoryUsers.replace(mine, boss?.id ?? '', null, change)).toEqual(taken);
    expect(await directoryUsers.find(mine, boss?.id ?? '')).toEqual(boss);
    expect(await directoryUsers.replace(mine, ann?.id ?? '', 7, personOf('ann@example.com'))).toEqual({
      kind: 'stale',
    });
  });

  describe('filled from files', () => {
    let file: string;
    beforeAll(async () => {
      file = await ground.addOrganization('file.example');
    });
    const users = (lines: readonly UserLine[], options = KEEP) => database.directoryUsers.import(file, lines, options);
    const groups = (lines: readonly GroupLine[], options = KEEP) =>
      database.directoryGroups.import(file, lines, options);

    it('makes, changes and keeps people, and what a file has no column for', async () => {
      const first = { line: 2, address: 'a@file.example', displayName: 'A', attributes: { unit: ['x'] } };
      const second = { line: 3, address: 'b@file.example', aliases: ['c@file.example'] };
      expect(await users([first, second], { ...KEEP, isDryRun: true })).toMatchObject({ kind: 'written', created: 2 });
      expect((await database.directoryUsers.list(file, {}, PAGE)).items).toEqual([]);
      expect(await users([first, second])).toEqual({
        kind: 'written',
        created: 2,
        updated: 0,
        unchanged: 0,
        removed: 0,
      });
      const change = { line: 2, address: 'a@file.example', manager: 'b@file.example', attributes: { site: ['y'] } };
      expect(await users([change, second])).toMatchObject({ updated: 1, unchanged: 1, removed: 0 });
      expect(await database.directory.lookup(file, ['a@file.example'])).toMatchObject({
        'a@file.example': { displayName: 'A', manager: 'b@file.example', attributes: { unit: ['x'], site: ['y'] } },
      });
    });

    it('lets one give an alias up to another in the same file, in any order', async () => {
      const lines = [
        { line: 2, address: 'a@file.example', aliases: ['c@file.example'] },
        { line: 3, address: 'b@file.example', aliases: [] },
      ];
      expect(await users(lines)).toMatchObject({ kind: 'written', updated: 2 });
      expect(await users([{ line: 9, address: 'd@file.example', aliases: ['c@file.example'] }])).toEqual({
        kind: 'refused',
        problems: [{ line: 9, code: 'taken', value: 'c@file.example' }],
      });
      expect((await database.directoryUsers.list(file, { address: 'd@file.example' }, PAGE)).items).toEqual([]);
    });

    it('removes people only where it is told to', async () => {
      expect(await users([{ line: 2, address: 'b@file.example' }], { ...KEEP, removesOthers: true })).toEqual({
        ...{ kind: 'written', created: 0, updated: 0, unchanged: 1, removed: 1 },
      });
      expect(await database.directory.lookup(file, ['a@file.example', 'c@file.example'])).toEqual({
        ...{ 'a@file.example': null, 'c@file.example': null },
      });
    });

    it('makes groups with their members, and takes members out only where it is told to', async () => {
      const lines = [
        { line: 2, name: 'One', address: 'one@file.example', member: 'b@file.example' },
        { line: 3, name: 'one', member: 'two' },
        { line: 4, name: 'Two', member: 'x@customer.example' },
      ];
      expect(await groups(lines)).toEqual({ kind: 'written', created: 2, updated: 0, unchanged: 0, removed: 0 });
      expect(await groups(lines)).toMatchObject({ unchanged: 2 });
      expect(await groups([{ line: 2, name: 'Two', member: 'y@customer.example' }])).toMatchObject({ updated: 1 });
      const swap = [{ line: 2, name: 'Two', address: 'one@file.example', member: 'y@customer.example' }];
      expect(await groups(swap)).toEqual({
        kind: 'refused',
        problems: [{ line: 2, code: 'taken', value: 'one@file.example' }],
      });
      expect(await groups(swap, { ...KEEP, removesOthers: true })).toMatchObject({ updated: 1, removed: 1 });
      expect(await database.directory.lookup(file, ['x@customer.example', 'one@file.example'])).toEqual({
        'x@customer.example': null,
        'one@file.example': expect.objectContaining({ groups: ['two', 'one@file.example'] }),
      });
    });
  });

  it('guarantees that a group has no more members than fit', async () => {
    const [group] = (await database.directoryGroups.list(mine, { name: 'nobody' }, PAGE)).items;
    const add = Array.from({ length: 100_001 }, (_, n) => `m${n}@example.com`);
    const id = group?.id ?? '';
    expect(await database.directoryGroups.changeMembers(mine, id, { add, remove: [] })).toEqual({ kind: 'tooMany' });
    expect((await database.directoryGroups.members(mine, id, PAGE))?.items).toEqual([]);
  });
});
