import { migrate, openDatabase } from '#lib/adapters';
import { Secret } from '#lib/core';
import { PostgresServer, type TestDatabase } from '../support/postgres.js';

describe('migrate', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  const run = (more: { ownerUrl?: string; applicationUrl?: string; onProgress?: (fileName: string) => void } = {}) =>
    migrate({
      ownerUrl: new Secret(more.ownerUrl ?? database.ownerUrl),
      applicationUrl: new Secret(more.applicationUrl ?? database.applicationUrl),
      ...(more.onProgress === undefined ? {} : { onProgress: more.onProgress }),
    });

  beforeAll(async () => {
    server = await PostgresServer.shared();
  });
  beforeEach(async () => {
    database = await server.createDatabase();
  });

  it('applies each migration once, in order, also when several run together', async () => {
    const applied: string[] = [];
    const onProgress = (fileName: string) => void applied.push(fileName);
    await Promise.all([run({ onProgress }), run({ onProgress }), run({ onProgress })]);
    expect(applied.length).toBeGreaterThan(3);
    expect(applied).toEqual([...new Set(applied)].sort());
    const again: string[] = [];
    await run({ onProgress: (fileName) => void again.push(fileName) });
    expect(again).toEqual([]);
    const opened = openDatabase({ databaseUrl: new Secret(database.applicationUrl) });
    await opened.ping();
    expect(await opened.organizations.hasAny()).toBe(false);
    await opened.close();
  });

  it('is missed: without it the database says so', async () => {
    const opened = openDatabase({ databaseUrl: new Secret(database.applicationUrl) });
    await expect(opened.ping()).rejects.toMatchObject({ code: 'ERR_DATABASE_UNMIGRATED' });
    await run();
    await opened.ping();
    await opened.close();
  });

  it('gives the rights of the application role again, and to a second one', async () => {
    await run();
    await server.run(database.ownerUrl, [
      `REVOKE ALL ON ALL TABLES IN SCHEMA sealflow FROM ${database.applicationUser}`,
      `GRANT DELETE ON sealflow.event TO ${database.applicationUser}`,
    ]);
    await run();
    await expect(server.run(database.applicationUrl, ['DELETE FROM sealflow.event'])).rejects.toThrow(
      /permission denied/,
    );
    await server.run(database.applicationUrl, ['SELECT * FROM sealflow.message']);
    const second = `${database.applicationUser}2`;
    await server.run(database.ownerUrl, [`CREATE ROLE ${second} LOGIN PASSWORD 'second'`]);
    const applicationUrl = database.applicationUrl.replace(/\/\/[^@]+@/, `//${second}:second@`);
    await run({ applicationUrl });
    await server.run(applicationUrl, ['SELECT * FROM sealflow.message']);
    await server.run(database.applicationUrl, ['SELECT * FROM sealflow.message']);
  });

  it.each([
    ['the owner role itself', () => database.ownerUrl],
    ['a superuser', () => database.superuserUrl],
    ['a role that does not exist', () => database.applicationUrl.replace(database.applicationUser, 'nobody_here')],
    ['no role at all', () => database.applicationUrl.replace(/\/\/[^@]+@/, '//')],
  ])('refuses as application role %s', async (_, url) => {
    await expect(run({ applicationUrl: url() })).rejects.toMatchObject({ code: 'ERR_DATABASE_ROLE' });
  });

  it.each([
    ['may bypass row-level security', (role: string) => `ALTER ROLE ${role} BYPASSRLS`],
    ['is a member of the owner role', (role: string) => `GRANT ${role.replace(/_app$/, '_owner')} TO ${role}`],
  ])('refuses an application role that %s, and so does the process that is given it', async (_, statement) => {
    await run();
    await server.run(database.superuserUrl, [
      // The owner made it and is a member of it, which is the right way round, but roles go in no circles.
      `REVOKE ${database.applicationUser} FROM ${database.applicationUser.replace(/_app$/, '_owner')}`,
      statement(database.applicationUser),
    ]);
    await expect(run()).rejects.toMatchObject({ code: 'ERR_DATABASE_ROLE' });
    const opened = openDatabase({ databaseUrl: new Secret(database.applicationUrl) });
    await expect(opened.organizations.hasAny()).rejects.toMatchObject({ code: 'ERR_DATABASE_ROLE' });
    await opened.close();
  });

  it.each([
    ['has another content now', `UPDATE sealflow.migration SET sha256 = 'x' WHERE version = 1`],
    ['is unknown here', `INSERT INTO sealflow.migration (version, name, sha256) VALUES (9999, '9999-later.sql', 'x')`],
  ])('stops at a migration that %s', async (_, statement) => {
    await run();
    await server.run(database.ownerUrl, [statement]);
    await expect(run()).rejects.toMatchObject({ code: 'ERR_DATABASE_MIGRATION' });
  });

  it('says that a server is away', async () => {
    const nowhere = database.ownerUrl.replace(/:\d+\//, ':1/');
    await expect(run({ ownerUrl: nowhere })).rejects.toMatchObject({ code: 'ERR_DATABASE_AWAY' });
  });
});
