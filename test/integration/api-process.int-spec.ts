import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#lib/adapters';
import { Secret } from '#lib/core';
import { freePort } from '../support/free-port.js';
import { FROM_SOURCE } from '../support/from-source-flags.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';

const KEY = 'a-bootstrap-key-of-32-characters-or-more';

/** The API as a process of its own, from source. */
class Api {
  said = '';

  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (this.said += String(piece)));
  }

  static async run(environment: Record<string, string>): Promise<Api> {
    const port = Number(environment['SEALFLOW_HTTP_PORT'] ?? (await freePort()));
    const child = fork('apps/api/src/main.ts', [], {
      execArgv: [...FROM_SOURCE],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'], SEALFLOW_HTTP_PORT: `${port}`, ...environment },
    });
    return new Api(child, port);
  }

  async get(path: string, key = KEY): Promise<Response> {
    return await fetch(`http://127.0.0.1:${this.port}${path}`, { headers: { authorization: `Bearer ${key}` } });
  }

  async until(path: string, status: number): Promise<void> {
    await waitFor(`${path} to answer ${status}`, async () => (await this.get(path)).status === status, {
      timeoutMs: 30_000,
    });
  }

  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

describe('The API as a process', () => {
  let folder: string;
  let database: TestDatabase;
  const running: Api[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-api-process-'));
    database = await createTestDatabase();
  }, 60_000);

  afterEach(async () => {
    for (const api of running.splice(0)) await api.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = () => ({
    SEALFLOW_DATABASE_URL: database.applicationUrl,
    SEALFLOW_BLOB_URL: `file:${join(folder, 'blobs')}`,
    SEALFLOW_KMS_URL: `file:${join(folder, 'keys')}`,
    SEALFLOW_BOOTSTRAP_API_KEY: KEY,
    SEALFLOW_ORG_DOMAINS: 'clinic.example',
  });
  const run = async (more: Record<string, string> = {}): Promise<Api> => {
    const api = await Api.run({ ...settings(), ...more });
    running.push(api);
    return api;
  };
  const bringUpToDate = async () =>
    await migrate({ ownerUrl: new Secret(database.ownerUrl), applicationUrl: new Secret(database.applicationUrl) });

  it('waits for a database that is not there yet, makes keys and the first organization, and ends on SIGTERM with 0', async () => {
    const api = await run();
    await api.until('/healthz', 200);
    const early = await api.get('/v1/rules');
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5']);
    const ready = await api.get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { database: { ok: false } } });
    await bringUpToDate();
    await api.until('/v1/rules', 200);
    const readyz = (await (await api.get('/readyz')).json()) as { checks: Record<string, { ok: boolean }> };
    expect(readyz.checks['database']?.ok).toBe(true);
    const sent = await fetch(`http://127.0.0.1:${api.port}/v1/messages?mailFrom=a@clinic.example&rcptTo=b@x.example`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'message/rfc822' },
      body: 'Subject: x\n\nx',
    });
    expect(sent.status).toBe(202);
    expect(await api.end('SIGTERM')).toBe(0);
    expect(api.said).not.toContain(KEY);
    expect(api.said).not.toContain(database.applicationPassword);
    for (const line of api.said.trim().split('\n')) expect(() => void JSON.parse(line)).not.toThrow();
    expect(api.said).not.toContain('is passed over');

    const other = await run({ SEALFLOW_ORG_DOMAINS: 'new.example' });
    const notices: unknown[] = [];
    other.child.on('message', (message) => notices.push(message));
    await other.until('/v1/rules', 200);
    expect(other.said).toContain('SEALFLOW_ORG_DOMAINS is passed over');
    expect(other.said).toContain('these are stored: clinic.example.');
    expect(notices).toContainEqual({ type: 'notice', text: expect.stringContaining('clinic.example') });
    expect(await other.end('SIGTERM')).toBe(0);

    rmSync(join(folder, 'keys'), { recursive: true });
    const without = await run();
    expect(await without.end()).toBe(1);
    expect(without.said).toContain('SEALFLOW_KMS_URL names a folder without the keys of this installation');
  }, 90_000);

  it('answers what is under way before it ends', async () => {
    await bringUpToDate();
    const api = await run();
    await api.until('/v1/rules', 200);
    let push: (piece: string) => void = () => undefined;
    let finish: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        push = (piece) => controller.enqueue(Buffer.from(piece));
        finish = () => controller.close();
      },
    });
    push('Subject: slow\r\n\r\n');
    const sent = fetch(`http://127.0.0.1:${api.port}/v1/messages?mailFrom=a@clinic.example&rcptTo=b@x.example`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'message/rfc822' },
      body,
      duplex: 'half',
    });
    await waitFor('the request to be seen', async () => {
      const text = await (await api.get('/metrics')).text();
      return /^sealflow_http_requests_in_flight\{[^}]*\} 2$/m.test(text);
    });
    api.child.kill('SIGTERM');
    await waitFor('the door to be shut', async () => (await api.get('/healthz').catch(() => undefined)) === undefined);
    push('the rest');
    finish();
    expect((await sent).status).toBe(202);
    expect(await api.end()).toBe(0);
  }, 60_000);

  it('ends with its supervisor', async () => {
    await bringUpToDate();
    const api = await run();
    await api.until('/v1/rules', 200);
    api.child.disconnect();
    expect(await api.end()).toBe(0);
  }, 60_000);

  it('says in one sentence that its port is taken, and which variable to set', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const api = await run({ SEALFLOW_HTTP_PORT: `${port}` });
    expect(await api.end()).toBe(1);
    expect(api.said).toContain(`Port ${port} is taken by another program: set SEALFLOW_HTTP_PORT`);
    expect(api.said).not.toMatch(/^\s+at /m);
    other.close();
  }, 30_000);

  it.each([
    ['an unknown setting', { SEALFLOW_HTP_PORT: '1' }, /SEALFLOW_HTP_PORT.*did you mean SEALFLOW_HTTP_PORT/],
    ['a port that is none', { SEALFLOW_HTTP_PORT: '70000' }, /SEALFLOW_HTTP_PORT: must be a port/],
    [
      'a key that is too short',
      { SEALFLOW_BOOTSTRAP_API_KEY: 'short' },
      /SEALFLOW_BOOTSTRAP_API_KEY: must be 32 or more/,
    ],
    ['no database', { SEALFLOW_DATABASE_URL: '' }, /SEALFLOW_DATABASE_URL is needed/],
    ['a host that is not ours', { SEALFLOW_HOST: '203.0.113.1' }, /SEALFLOW_HOST is not an address of this machine/],
    [
      'a folder of trust anchors that is not there',
      { SEALFLOW_SMIME_TRUST_DIR: '/nowhere' },
      /SEALFLOW_SMIME_TRUST_DIR/,
    ],
  ])(
    'does not start with %s, and says why without a stack',
    async (_, more: Record<string, string>, sentence) => {
      const api = await run(more);
      expect(await api.end()).toBe(1);
      expect(api.said).toMatch(sentence);
      expect(api.said).not.toMatch(/^\s+at /m);
    },
    30_000,
  );

  it('does not start on a blob folder that is a file, or as a role that may do too much', async () => {
    writeFileSync(join(folder, 'blobs'), '');
    const blocked = await run();
    expect(await blocked.end()).toBe(1);
    expect(blocked.said).toContain('SEALFLOW_BLOB_URL names a folder that cannot be used');
    rmSync(join(folder, 'blobs'));
    await bringUpToDate();
    const mighty = await run({ SEALFLOW_DATABASE_URL: database.superuserUrl });
    expect(await mighty.end()).toBe(1);
    expect(mighty.said).toContain('SEALFLOW_DATABASE_URL names a role that may do more than it should');
    const wrong = await run({
      SEALFLOW_DATABASE_URL: database.applicationUrl.replace(database.applicationPassword, 'wrong'),
    });
    expect(await wrong.end()).toBe(1);
    expect(wrong.said).toContain('The database does not let in the user and password');
  }, 60_000);
});
