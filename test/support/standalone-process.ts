import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { freePort } from './free-port.js';
import { waitFor } from './wait-for.js';

const MAIN = resolve(import.meta.dirname, '../../dist/apps/standalone/src/main.js');

/** A process of the system: its id, its parent's, and what it was started with. */
export interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export interface StandaloneOptions {
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another user than ours, for tests that run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** The built standalone as a process, on ports of its own that stay the same when it is started again. */
export class StandaloneProcess {
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly httpPort: number,
    readonly smtpPort: number,
    private readonly options: StandaloneOptions,
  ) {}

  static async create(options: StandaloneOptions): Promise<StandaloneProcess> {
    return new StandaloneProcess(await freePort(), await freePort(), options);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** All that it has said since its last start. */
  get output(): string {
    return this.#output;
  }

  /** Starts it; see {@link ready}. */
  start(): void {
    this.#output = '';
    const child = spawn(process.execPath, [MAIN], {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        SEALFLOW_DATA_DIR: this.options.dataDir,
        SEALFLOW_HTTP_PORT: `${this.httpPort}`,
        SEALFLOW_SMTP_PORT: `${this.smtpPort}`,
        SEALFLOW_ORG_DOMAINS: 'clinic.example',
        SEALFLOW_WORKER_PROCESSES: '1',
        ...this.options.environment,
      },
      ...this.options.user,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (piece: Buffer) => (this.#output += piece.toString()));
    }
    this.#child = child;
  }

  /** Waits until it says that it is ready; fails with what it said if it ends before. */
  async ready(timeoutMs = 60_000): Promise<void> {
    const child = this.#child;
    await waitFor(
      'standalone to be ready',
      () => /^ *[\d.]+ s {2}ready\n[\s\S]*data, logs .*\n[\s\S]*\n$/m.test(this.#output) || child?.exitCode !== null,
      { timeoutMs },
    );
    if (child?.exitCode !== null) throw new Error(`standalone ended (${child?.exitCode}): ${this.#output}`);
  }

  /** Waits until it has ended; its exit code. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) throw new Error('it was not started');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  /** Sends a signal to the supervisor itself. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** The processes below it, the server's too. */
  below(): readonly ProcessLine[] {
    return descendants(this.pid);
  }

  fetch(path: string, apiKey = ''): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.httpPort}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return;
    this.signal('SIGTERM');
    await this.ended();
  }
}

export function isAlive(pid: number): boolean {
  return lookAt(pid) !== undefined;
}

export function killAll(lines: readonly ProcessLine[]): void {
  for (const { pid } of lines) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went by itself.
    }
  }
}

function descendants(root: number): ProcessLine[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (lookAt(Number(name)) ?? []) : []));
  const found: ProcessLine[] = [];
  const look = (parent: number): void => {
    for (const line of all.filter((one) => one.parent === parent)) {
      found.push(line);
      look(line.pid);
    }
  };
  look(root);
  return found;
}

function lookAt(pid: number): ProcessLine | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return state === 'Z' ? undefined : { pid, parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
