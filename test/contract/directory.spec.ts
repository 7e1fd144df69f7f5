import { InMemoryDirectory } from '../../libs/flow/src/fakes/in-memory-directory.js';
import { directoryContract, GROUPS, PEOPLE } from './directory-contract.js';

describe('the directory in memory', () => {
  const organizationId = '00000000-0000-8000-8000-000000000001';
  const directory = new InMemoryDirectory(organizationId);
  for (const { address, ...person } of PEOPLE) directory.addPerson(address, person);
  for (const { name, address, members } of GROUPS) directory.addGroup(name, members, address ?? undefined);
  directoryContract(() => ({ directory, organizationId }));
});
