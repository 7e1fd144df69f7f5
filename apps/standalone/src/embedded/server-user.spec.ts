import { nameOf } from './server-user.js';

describe('nameOf', () => {
  const passwd = ['root:x:0:0:root:/root:/bin/sh', 'postgres:x:101:104::/var/lib/postgresql:/bin/sh', ''];

  it('is the name of a user, and its number where it has none', () => {
    expect(nameOf(101, passwd)).toBe('postgres');
    expect(nameOf(104, passwd)).toBe('104');
  });
});
