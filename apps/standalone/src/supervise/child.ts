import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Environment } from '#lib/adapters';
import { identify, type ProcessIdentity } from '../data/process-identity.js';
import type { LogFile } from './log-file.js';

/** First pause before a child that died is started again; doubles up to the other. */
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 15_000;
/** Whoever has lived so long begins with the first pause again. */
const SOUND_MS = 60_000;
/** Deaths in a row before anything works: then it is no accident. */
const EARLY_DEATHS_MAX = 4;
/** What a door logs once it listens. */
const LISTENS = /"msg":"listens"/;
const GUARD = new URL('../end-with-parent.js', import.meta.url).href;
const FLAGS = ['--max-semi-space-size=64', '--import', GUARD];

export interface ChildOptions {
  /** `api`, `smtp`, `worker 1`. */
  readonly name: string;
  readonly app: 'api' | 'smtp' | 'worker';
  readonly environment: () => Environment;
  readonly log: LogFile;
  /** Called whenever it has been started or has ended; `said` is the end of what it wrote. */
  readonly onChange: () => void;
  /** It has something to say to people about their settings. */
  readonly onNotice: (text: string) => void;
  readonly onDeath: (how: string, said: string, willRestart: boolean) => void;
}

/** A built main of another app as a process of its own, started again when it dies. */
export class Child {
  #process: ChildProcess | undefined;
  #isStopping = false;
  #deaths = 0;
  #isSettled = false;
  #said = '';
  #isListening = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ChildOptions) {}

  get name(): string {
    return this.options.name;
  }

  get app(): ChildOptions['app'] {
    return this.options.app;
  }

  get identity(): ProcessIdentity | undefined {
    const pid = this.#process?.pid;
    return pid === undefined ? undefined : identify(pid);
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** It has said that it listens: another program may answer on its port. */
  get isListening(): boolean {
    return this.isRunning && this.#isListening;
  }

  start(): void {
    const main = fileURLToPath(new URL(`../../../${this.options.app}/src/main.js`, import.meta.url));
    const startedAtMs = performance.now();
    const child = fork(main, {
      env: this.options.environment(),
      execArgv: FLAGS,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a process group of its own: Ctrl-C is for us, we end it in its turn.
      detached: true,
    });
    this.#process = child;
    this.#said = '';
    this.#isListening = false;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => this.#keep(piece));
    child.on('message', (message: { readonly type?: unknown; readonly text?: unknown } | null) => {
      if (message?.type === 'notice' && typeof message.text === 'string') this.options.onNotice(message.text);
    });
    child.on('error', () => {
      if (child.pid === undefined) this.#ended('it could not be started', startedAtMs);
    });
    child.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${code ?? 'unknown'}`, startedAtMs));
    this.options.onChange();
  }

  /** Says that everything works: from now on a child that dies is started again, however often. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Asks it to end; resolves when it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Ends it; it is started again. */
  async restart(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }

  #keep(piece: Buffer): void {
    this.options.log.write(piece);
    this.#said = (this.#said + piece.toString()).slice(-4000);
    this.#isListening ||= LISTENS.test(this.#said);
  }

  #ended(how: string, startedAtMs: number): void {
    this.#process = undefined;
    if (this.#isStopping) {
      this.options.onChange();
      return;
    }
    if (performance.now() - startedAtMs > SOUND_MS) this.#deaths = 0;
    this.#deaths += 1;
    const willRestart = this.#isSettled || this.#deaths < EARLY_DEATHS_MAX;
    this.options.onDeath(how, this.#said, willRestart);
    if (!willRestart) return;
    const pauseMs = Math.min(PAUSE_MS * 2 ** (this.#deaths - 1), PAUSE_MS_MAX);
    this.#timer = setTimeout(() => this.start(), pauseMs);
    this.options.onChange();
  }
}
