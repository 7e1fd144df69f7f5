import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import { MailSink } from '../support/mail-sink.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { SmtpClient } from '../support/smtp-client.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const DEBIAN = '/usr/lib/postgresql';
const run = promisify(execFile);

/** The newest of Debian's PostgreSQL servers; '' where there is none. */
function debianPrograms(): string {
  try {
    return (
      readdirSync(DEBIAN)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(DEBIAN, version, 'bin'))[0] ?? ''
    );
  } catch {
    return '';
  }
}

describeWith(['redis-server', 'psql'], 'The processes of docker-compose.yml', () => {
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-compose-'));
  const secrets = join(folder, 'secrets');
  const apiKey = randomBytes(24).toString('hex');
  const children: ChildProcess[] = [];
  let postgres: PostgresServer;
  let redis: RedisServer;
  let sink: MailSink;
  let ports: { readonly http: number; readonly smtp: number };

  beforeAll(async () => {
    [postgres, redis, sink] = await Promise.all([
      PostgresServer.start({ programs: debianPrograms() }),
      RedisServer.start(),
      MailSink.start(),
    ]);
    ports = { http: await freePort(), smtp: await freePort() };
    for (const name of ['secrets', 'blobs', 'keys', 'tmp']) mkdirSync(join(folder, name), { mode: 0o700 });
    const url = (user: string): string =>
      `postgresql://${user}:${randomBytes(12).toString('hex')}@127.0.0.1:${postgres.port}/sealflow`;
    const values = {
      database_owner_url: url('sealflow_owner'),
      database_url: url('sealflow'),
      redis_url: redis.url,
      relay_url: sink.url,
      bootstrap_api_key: apiKey,
    };
    for (const [name, value] of Object.entries(values)) writeFileSync(join(secrets, name), `${value}\n`);
    const superuser = new URL(postgres.superuserUrl);
    await run('sh', ['deploy/postgres-init.sh'], {
      env: {
        PATH: process.env['PATH'],
        SECRETS_DIR: secrets,
        PGHOST: '127.0.0.1',
        PGPORT: superuser.port,
        PGPASSWORD: superuser.password,
      },
    });
  }, 90_000);

  afterAll(async () => {
    for (const child of children) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await Promise.all([postgres.stop(), redis.stop(), sink.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the file says, on this machine: other folders, other ports, nothing beyond loopback. */
  function here(text: string): string {
    return text
      .replaceAll('/run/secrets', secrets)
      .replaceAll('/var/lib/sealflow', folder)
      .replace(/^\/tmp\/sealflow-worker-\d+$/, join(folder, 'tmp', `sealflow-worker-${process.getuid?.() ?? 0}`))
      .replace(/\$\{SEALFLOW_ORG_DOMAINS:\?[^}]*\}/, 'clinic.example')
      .replace(/\$\{SEALFLOW_TRUSTED_NETWORKS:\?[^}]*\}/, '127.0.0.0/8')
      .replace(/\$\{\w+:-([^}]*)\}/, '$1')
      .replace(/^0\.0\.0\.0$/, '127.0.0.1');
  }

  function environmentOf(name: string): NodeJS.ProcessEnv {
    const given = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, here(value)]);
    return {
      ...(Object.fromEntries(given) as Record<string, string>),
      PATH: process.env['PATH'],
      TMPDIR: join(folder, 'tmp'),
      NODE_ENV: 'production',
      SEALFLOW_HTTP_PORT: `${ports.http}`,
      SEALFLOW_SMTP_PORT: `${ports.smtp}`,
    };
  }

  function start(name: string): ChildProcess {
    const [, ...command] = services[name]?.command ?? [];
    const child = spawn(process.execPath, command, {
      env: environmentOf(name),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return child;
  }

  async function isWell(name: string): Promise<boolean> {
    const [, , ...check] = services[name]?.healthcheck?.test ?? [];
    const words = check.map((word) => here(word.replace(/^3000$/, `${ports.http}`).replace(/^2525$/, `${ports.smtp}`)));
    return await run(process.execPath, words, { env: environmentOf(name) }).then(
      () => true,
      () => false,
    );
  }

  it('guarantees that the database is made with roles that own and see only what they should, and is migrated', async () => {
    const [code] = (await once(start('migrate'), 'exit')) as [number];
    expect(code).toBe(0);
  }, 60_000);

  it('guarantees that each process starts with what the file gives it, and is found healthy', async () => {
    expect(await isWell('api')).toBe(false);
    for (const name of ['api', 'smtp', 'worker', 'worker']) start(name);
    for (const name of ['api', 'smtp', 'worker']) {
      await waitFor(`${name} to be healthy`, () => isWell(name), { timeoutMs: 30_000, intervalMs: 300 });
    }
    await waitFor('all of it to be ready', async () => (await fetch(`http://127.0.0.1:${ports.http}/readyz`)).ok, {
      timeoutMs: 30_000,
      intervalMs: 200,
    });
  }, 90_000);

  it('carries a message', async () => {
    const client = await SmtpClient.connect(ports.smtp);
    const message = Buffer.from('From: <ann@clinic.example>\r\nSubject: x\r\n\r\nx\r\n');
    expect((await client.send('ann@clinic.example', ['bob@customer.example'], message)).code).toBe(250);
    client.destroy();
    const [arrived] = await sink.expect(1, 'bob@customer.example');
    expect(arrived?.raw.toString()).toMatch(/Subject: x\r\n\r\nx\r\n$/);
    const list = await fetch(`http://127.0.0.1:${ports.http}/v1/messages`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(await list.json()).toMatchObject({ items: [{ source: 'smtp' }] });
  }, 60_000);
});
