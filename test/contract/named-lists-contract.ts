import type { NamedLists } from '#lib/flow';
import { openPackedList, type ListReference, type ListType } from '#lib/rules';

/** A store of lists under test. */
export interface NamedListsGround {
  readonly lists: NamedLists;
  readonly organizationId: string;
  readonly put: (name: string, type: ListType, entries: readonly string[]) => Promise<ListReference>;
  /** Takes the entries away. */
  readonly lose: (reference: ListReference) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every {@link NamedLists} does. */
export function namedListsContract(open: () => Promise<NamedListsGround>): void {
  let ground: NamedListsGround;
  beforeEach(async () => {
    ground = await open();
  });
  afterEach(() => ground.close());

  it('gives the packed entries of each reference', async () => {
    const { lists, organizationId, put } = ground;
    const references = [await put('a', 'addresses', ['ann@x.example']), await put('b', 'words', ['one', 'two words'])];
    const loaded = await lists.load(organizationId, references);
    const [addresses, words] = references.map((one) => {
      const buffer = loaded.get(one.sha256);
      if (buffer === undefined) throw new Error('a list is missing');
      return openPackedList(one, buffer);
    });
    expect(loaded.size).toBe(2);
    expect([addresses?.has('ann@x.example'), addresses?.has('bob@x.example')]).toEqual([true, false]);
    expect(words?.findWords('these are two words')).toEqual(['two words']);
  });

  it('gives memory that is shared, the same however often it is asked for', async () => {
    const { lists, organizationId, put } = ground;
    const reference = await put('a', 'domains', ['x.example']);
    const all = await Promise.all([1, 2, 3].map(() => lists.load(organizationId, [reference, reference])));
    all.push(await lists.load(organizationId, [reference]));
    const buffers = new Set(all.map((one) => one.get(reference.sha256)));
    expect(buffers.size).toBe(1);
    expect([...buffers][0]).toBeInstanceOf(SharedArrayBuffer);
  });

  it('leaves out what is gone, and has the rest', async () => {
    const { lists, organizationId, put, lose } = ground;
    const [kept, lost] = [await put('a', 'words', ['kept']), await put('b', 'words', ['lost'])];
    await lose(lost);
    for (let time = 0; time < 2; time += 1) {
      expect([...(await lists.load(organizationId, [lost, kept])).keys()]).toEqual([kept.sha256]);
    }
    expect((await lists.load(organizationId, [])).size).toBe(0);
  });
}
