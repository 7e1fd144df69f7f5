import { randomBytes } from 'node:crypto';
import { BullQueue, migrateQueue } from '#lib/adapters';
import { deriveId, newId, Secret } from '#lib/core';
import { PostgresServer, type TestDatabase } from '../support/postgres.js';

const organizationId = deriveId('organization');
const newIds = () => [newId(Date.now(), randomBytes)];

describe('migrateQueue', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await PostgresServer.shared();
    database = await server.createDatabase();
  });

  it('may run again and together, and gives the application role no more than it needs', async () => {
    const migrate = () => migrateQueue(new Secret(database.ownerUrl), database.applicationUser);
    await Promise.all([migrate(), migrate(), migrate()]);
    await migrate();
    await server.run(database.applicationUrl, ['SELECT * FROM bullmq.job', 'SELECT version FROM bullmq.migration']);
    for (const statement of [
      'CREATE TABLE bullmq.t (x int)',
      'DROP TABLE bullmq.job',
      'DELETE FROM bullmq.migration',
      'ALTER FUNCTION bullmq.publish_event RENAME TO x',
      'CREATE SCHEMA s',
    ]) {
      await expect(server.run(database.applicationUrl, [statement])).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  it('is missed: without it an add says that the queue is unavailable', async () => {
    const bare = await server.createDatabase();
    const queue = new BullQueue({ databaseUrl: new Secret(bare.applicationUrl) });
    await expect(queue.add('process', { organizationId, ids: newIds() })).rejects.toMatchObject({
      code: 'ERR_QUEUE_UNAVAILABLE',
    });
    await migrateQueue(new Secret(bare.ownerUrl), bare.applicationUser);
    await queue.add('process', { organizationId, ids: newIds() });
    await queue.close();
  });
});
