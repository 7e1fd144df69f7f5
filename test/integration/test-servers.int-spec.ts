import { Client } from 'pg';
import { createTestDatabase, PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { describeWith } from '../support/tools.js';

async function query(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the PostgreSQL of the tests', () => {
  it('gives each caller a database with an owner and an application role that owns nothing', async () => {
    const [one, two] = [await createTestDatabase(), await createTestDatabase()];
    await query(one.ownerUrl, 'CREATE TABLE t (x int)');
    await expect(query(one.applicationUrl, 'SELECT * FROM t')).rejects.toThrow('permission denied');
    await expect(query(one.applicationUrl, 'CREATE TABLE u (x int)')).rejects.toThrow('permission denied');
    await expect(query(two.ownerUrl, 'SELECT * FROM t')).rejects.toThrow('does not exist');
    expect(await query(one.superuserUrl, 'SELECT * FROM t')).toEqual([]);
  });

  it('comes back with its data after SIGKILL', async () => {
    const server = await PostgresServer.start();
    try {
      const database = await server.createDatabase();
      await query(database.ownerUrl, 'CREATE TABLE t AS SELECT 1 AS x');
      await server.kill();
      await expect(query(database.ownerUrl, 'SELECT 1')).rejects.toThrow();
      await server.start();
      expect(await query(database.ownerUrl, 'SELECT x FROM t')).toEqual([{ x: 1 }]);
    } finally {
      await server.stop();
    }
  });
});

describeWith(['redis-server'], 'the Redis of the tests', () => {
  it('comes back with its data after SIGKILL', async () => {
    const server = await RedisServer.start({ isDurable: true });
    try {
      await server.command('set', 'a', '1');
      await server.kill();
      await expect(server.command('ping')).rejects.toThrow();
      await server.start();
      expect(await server.command('get', 'a')).toBe('1');
    } finally {
      await server.stop();
    }
  });
});
