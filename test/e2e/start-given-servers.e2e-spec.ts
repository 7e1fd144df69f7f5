import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { StandaloneProcess } from '../support/standalone-process.js';
import { describeWith } from '../support/tools.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TEST_MS = 120_000;

function migrate(environment: Readonly<Record<string, string>>): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/menu.mjs'), 'migrate'], {
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe('npm run migrate', () => {
  it(
    'brings a database up to date as its owner, says so, and may come again',
    async () => {
      const { ownerUrl, applicationUrl } = await createTestDatabase();
      const urls = { SEALFLOW_DATABASE_OWNER_URL: ownerUrl, SEALFLOW_DATABASE_URL: applicationUrl };
      const first = migrate(urls);
      expect(first).toMatchObject({
        status: 0,
        said: expect.stringMatching(/up to date \(\d+ migrations done\)\.\n$/),
      });
      expect(migrate(urls)).toEqual({ status: 0, said: 'The database is up to date.\n' });
    },
    TEST_MS,
  );

  it('names the variables that it needs, and why a role will not do', async () => {
    expect(migrate({}).said).toMatch(/SEALFLOW_DATABASE_URL is needed[\s\S]*SEALFLOW_DATABASE_OWNER_URL is needed/);
    const { ownerUrl } = await createTestDatabase();
    const { status, said } = migrate({ SEALFLOW_DATABASE_OWNER_URL: ownerUrl, SEALFLOW_DATABASE_URL: ownerUrl });
    expect(status).toBe(1);
    expect(said).toMatch(/ERR_DATABASE_ROLE/);
  });
});

describeWith(['redis-server'], 'npm start with a database and a Redis of its own', () => {
  let folder: string;
  let database: TestDatabase;
  let redis: RedisServer;
  let standalone: StandaloneProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-given-'));
    [database, redis] = [await createTestDatabase(), await RedisServer.start()];
    standalone = await StandaloneProcess.create({
      dataDir: join(folder, 'data'),
      environment: {
        SEALFLOW_DATABASE_URL: database.applicationUrl,
        SEALFLOW_DATABASE_OWNER_URL: database.ownerUrl,
        SEALFLOW_REDIS_URL: redis.url,
        SEALFLOW_RELAY_URL: 'smtp://127.0.0.1:1',
        SEALFLOW_WORKER_PROCESSES: '2',
        SEALFLOW_BOOTSTRAP_API_KEY: 'k'.repeat(32),
      },
    });
    standalone.start();
    await standalone.ready();
  }, TEST_MS);

  afterAll(async () => {
    await standalone.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }, TEST_MS);

  it('starts no server of its own and shows no key where one was given', async () => {
    expect(existsSync(join(folder, 'data/postgres'))).toBe(false);
    expect(standalone.below().filter(({ command }) => command.includes('postgres'))).toEqual([]);
    expect(standalone.output).not.toContain('shown this once');
    expect((await standalone.fetch('/v1/rules', 'k'.repeat(32))).status).toBe(200);
    expect((await standalone.fetch('/readyz')).status).toBe(200);
  });

  it('starts as many workers as it is told, itself', () => {
    const workers = standalone.below().filter(({ command }) => command.includes('/apps/worker/'));
    expect(workers.map(({ parent }) => parent)).toEqual([standalone.pid, standalone.pid]);
  });

  it('has its queues in the Redis', async () => {
    expect(await redis.command('keys', '*process*')).not.toEqual([]);
  });

  it('guarantees that no child process knows the owner role', () => {
    const children = standalone.below().filter(({ command }) => command.includes('/dist/apps/'));
    expect(children).toHaveLength(4);
    for (const { pid } of children) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(environment).toContain(database.applicationUrl);
      expect(environment).not.toContain(database.ownerUrl);
    }
  });
});
