import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { findTool } from './tools.js';
import { waitFor } from './wait-for.js';

interface StartOptions {
  readonly isDurable?: boolean;
  readonly fsync?: 'everysec' | 'always';
}

/**
 * A Redis of the test's own, Debian's `redis-server`, on a free port of 127.0.0.1 with a temporary folder. Put its tests
 * under `describeWith(['redis-server'], …)`. Stops by itself when the test process is gone.
 */
export class RedisServer {
  #process: GuardedProcess | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sealflow-redis-'));

  private constructor(
    readonly port: number,
    private readonly fsync: 'never' | 'everysec' | 'always',
  ) {}

  /**
   * With `isDurable` each write is in the append-only file before its answer (`fsync: 'everysec'`: within a second), and
   * survives `kill` and `start`.
   */
  static async start({ isDurable = false, fsync = 'always' }: StartOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), isDurable ? fsync : 'never');
    await server.start();
    return server;
  }

  /** Of the server, while it runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same port and folder, after `kill`. */
  async start(): Promise<void> {
    const program = findTool('redis-server');
    if (program === undefined) throw new Error('redis-server not found on this machine');
    const settings = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder];
    const durable =
      this.fsync === 'never' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', this.fsync];
    this.#process = await startGuarded([program, ...settings, ...durable], this.#folder);
    await waitFor('redis-server to answer', () => this.command('ping'));
  }

  /** SIGKILL; what was not written is gone. */
  async kill(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    this.signal('SIGKILL');
    await waitFor('redis-server to be gone', () => !isAlive(pid));
  }

  /** `SIGSTOP` makes it hang, `SIGCONT` goes on. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process !== undefined) process.kill(this.#process.pid, signal);
  }

  /** One command on a connection of its own, such as `command('flushall')`. */
  async command(name: string, ...more: string[]): Promise<unknown> {
    const client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      disconnectTimeout: 50,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(name, ...more);
    } finally {
      client.disconnect();
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
