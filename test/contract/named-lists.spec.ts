import { InMemoryLists } from '../../libs/flow/src/fakes/in-memory-lists.js';
import { namedListsContract } from './named-lists-contract.js';

describe('named lists in memory', () => {
  namedListsContract(() => {
    const lists = new InMemoryLists();
    return Promise.resolve({
      lists,
      organizationId: '00000000-0000-8000-8000-000000000001',
      put: (name, type, entries) => Promise.resolve(lists.add(name, type, entries)),
      lose: async (reference) => {
        await Promise.resolve();
        lists.lose(reference);
      },
      close: () => Promise.resolve(),
    });
  });
});
