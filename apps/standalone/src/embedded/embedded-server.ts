import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { identify, type ProcessIdentity } from '../data/process-identity.js';
import type { DataFolder } from '../data/data-folder.js';
import { Failure } from '../failure.js';
import { freePort, whyNotFree } from '../supervise/listen-ports.js';
import type { LogFile } from '../supervise/log-file.js';
import { waitUntil } from '../wait-until.js';
import { checkVersion, ensureDatabase, initialize, urlsOf } from './cluster.js';
import { endServer, livingServer } from './left-server.js';
import { reachPrograms, readOrMakeNote, type DatabaseNote } from './place.js';
import { asUser, serverUser, type ServerUser } from './server-user.js';

const HOST = '127.0.0.1';

/** Everything that must survive a power cut does: fsync, full page writes and synchronous commit keep their defaults. */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  log_line_prefix: '%m [%p] ',
};

/**
 * Ends the server when our end of its standard input is closed, however that came: `sh -c GUARD sh <pid> <start>`. It
 * leaves our other processes a moment to put down what they have in hand.
 */
const GUARD = `
there() { [ "$(cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null || ps -o lstart= -p "$1")" = "$2" ]; }
cat >/dev/null
there "$@" || exit 0
sleep 2
there "$@" && kill -s INT "$1"
`;

/** It has nothing to do any more once the server is gone. */
const GUARD_TIMEOUT_MS = 2000;

/** As long as nothing kills it a server may take this long for its recovery. */
const START_TIMEOUT_MS = 600_000;
/** After a SIGKILL its old children hold the shared memory for a moment, and a new server gives up at once. */
const ATTEMPTS_TIMEOUT_MS = 45_000;

/** What `embedded` says of the server: it has ended although nobody asked it to. */
interface ServerEvents {
  ended: [];
}

/** The PostgreSQL 18 that npm brings, on the data folder, on a free port of 127.0.0.1. */
export class EmbeddedServer extends EventEmitter<ServerEvents> {
  #server: ChildProcess | undefined;
  #guard: ChildProcess | undefined;
  #isStopping = false;
  #port = 0;

  private constructor(
    private readonly cluster: string,
    private readonly programs: string,
    private readonly user: ServerUser | undefined,
    private readonly note: DatabaseNote,
    private readonly log: LogFile,
  ) {
    super();
  }

  /** Makes what is missing on disk; `start` starts it. */
  static async open(folder: DataFolder, log: LogFile, tell: (text: string) => void): Promise<EmbeddedServer> {
    const firstUser = serverUser(folder.file('postgres'));
    const note = await readOrMakeNote(folder, firstUser);
    const place = note.place ?? folder.path;
    const cluster = join(place, 'postgres');
    const user = serverUser(cluster);
    if (note.place !== null) tell(`the database is in ${place}: ${user?.name ?? ''} cannot enter ${folder.path}`);
    const programs = await reachPrograms(place, user);
    const isNew = await initialize(cluster, programs, note.superuserPassword, user);
    if (isNew) tell('made an empty PostgreSQL database');
    checkVersion(cluster, programs);
    return new EmbeddedServer(cluster, programs, user, note, log);
  }

  /** Of the roles, for the port it runs on now. */
  get urls(): ReturnType<typeof urlsOf> {
    return urlsOf(this.note, this.#port);
  }

  get identity(): ProcessIdentity | undefined {
    return this.#server?.pid === undefined ? undefined : identify(this.#server.pid);
  }

  /** Starts it, having ended one that a killed predecessor left. Resolves when it answers and its roles are there. */
  async start(tell: (text: string) => void): Promise<void> {
    const left = livingServer(this.cluster);
    if (left !== undefined) {
      tell(`ending the PostgreSQL that is left of a killed Sealflow (process ${left.pid})`);
      await endServer(left);
    }
    // Child processes know the first port: it stays the same unless somebody took it meanwhile.
    const end = performance.now() + ATTEMPTS_TIMEOUT_MS;
    while (!(await this.#attempt())) {
      if (performance.now() > end) {
        throw new Failure(`The embedded PostgreSQL does not start; the end of ${this.log.path} says why.`);
      }
      await waitUntil(() => false, 500);
    }
    await ensureDatabase(this.urls.superuser, this.note);
  }

  /** Fast shutdown; resolves when it is gone. Whoever has connections closes them first. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const server = this.identity;
    if (server !== undefined) await endServer(server);
    const guard = this.#guard;
    if (guard === undefined || guard.exitCode !== null || guard.signalCode !== null) return;
    guard.ref();
    const gone = once(guard, 'exit');
    guard.stdin?.end();
    await Promise.race([gone, delay(GUARD_TIMEOUT_MS)]);
  }

  async #attempt(): Promise<boolean> {
    if (this.#port === 0 || (await whyNotFree(HOST, this.#port)) !== undefined) this.#port = await freePort(HOST);
    const flags = Object.entries({ port: this.#port, ...SETTINGS }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const server = spawn(join(this.programs, 'postgres'), ['-D', this.cluster, ...flags], {
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      ...asUser(this.user),
    });
    server.stderr.on('data', (piece: Buffer) => this.log.write(piece));
    server.once('error', () => undefined);
    const isGone = (): boolean => server.pid === undefined || server.exitCode !== null || server.signalCode !== null;
    const isUp = await waitUntil(async () => isGone() || (await this.#answers()), START_TIMEOUT_MS, 50);
    if (isGone() || !isUp) return false;
    this.#server = server;
    server.once('exit', () => {
      this.#guard?.stdin?.end();
      if (!this.#isStopping) this.emit('ended');
    });
    this.#watchOver(server);
    return true;
  }

  /** Holds a guard at the server, and another one if that is killed. */
  #watchOver(server: ChildProcess): void {
    const { pid } = server;
    const started = pid === undefined ? undefined : identify(pid)?.started;
    if (pid === undefined || started === undefined) return;
    const start = process.platform === 'linux' ? (started.split(' ')[1] ?? '') : started;
    const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', `${pid}`, start], {
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      ...asUser(this.user),
    });
    guard.stdin.on('error', () => undefined);
    guard.unref();
    this.#guard = guard;
    void once(guard, 'exit').then(() => {
      if (server.exitCode === null && server.signalCode === null && !this.#isStopping) this.#watchOver(server);
    });
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.urls.superuser, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
