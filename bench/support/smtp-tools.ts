import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findTool } from '../../test/support/tools.js';
import { freePort } from '../../test/support/free-port.js';
import { waitFor } from '../../test/support/wait-for.js';
import { connect } from 'node:net';

/** Postfix's `smtp-sink`: takes everything, keeps nothing, counts. */
export class Sink {
  #printed = '';

  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {
    process.stdout?.on('data', (piece: Buffer) => {
      this.#printed = (this.#printed + piece.toString('latin1')).slice(-2000);
    });
  }

  static async start(): Promise<Sink> {
    const port = await freePort();
    const user = process.getuid?.() === 0 ? ['-u', 'postfix'] : [];
    const child = spawn(
      findTool('smtp-sink') ?? '',
      ['-c', '-8', ...user, '-m', '200', `inet:127.0.0.1:${port}`, '200'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    await waitFor('smtp-sink to listen', () => answers(port));
    return new Sink(port, child);
  }

  /** Messages that it has taken since it started. */
  get count(): number {
    const counts = [...this.#printed.matchAll(/mesg=(\d+)/g)];
    return Number(counts.at(-1)?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Postfix's `smtp-source`: sends a file so many times over kept connections; resolves when all were accepted. */
export async function sendLoad(options: {
  readonly port: number;
  readonly file: string;
  readonly count: number;
  readonly connections: number;
  readonly mailFrom: string;
  readonly rcptTo: string;
}): Promise<{ readonly seconds: number }> {
  const { port, file, count, connections, mailFrom, rcptTo } = options;
  const start = performance.now();
  const child = spawn(
    findTool('smtp-source') ?? '',
    [
      '-d',
      '-s',
      `${connections}`,
      '-m',
      `${count}`,
      '-f',
      mailFrom,
      '-t',
      rcptTo,
      '-F',
      file,
      `inet:127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let trouble = '';
  child.stderr.on('data', (piece: Buffer) => {
    trouble = (trouble + piece.toString('latin1')).slice(-1000);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`smtp-source ended with ${code ?? 'a signal'}: ${trouble}`);
  return { seconds: (performance.now() - start) / 1000 };
}
