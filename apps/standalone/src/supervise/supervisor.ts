import type { Environment } from '#lib/adapters';
import type { DataFolder } from '../data/data-folder.js';
import { Failure } from '../failure.js';
import type { Progress } from '../progress.js';
import { waitUntil } from '../wait-until.js';
import { Child } from './child.js';
import { LogFile } from './log-file.js';

/** Doors stop taking mail first; then the workers put down what they have. Together within 30 s. */
const DOORS_GRACE_MS = 12_000;
const ALL_GRACE_MS = 28_000;

export interface SupervisorOptions {
  readonly folder: DataFolder;
  readonly progress: Progress;
  readonly workers: number;
  /** Asked at each start of a child. */
  readonly environment: () => Environment;
  /** A child does not come up at all. */
  readonly onFailure: (error: Failure) => void;
}

/** Holds api, smtp and the workers: starts each again that dies, notes who they are, ends them in order. */
export class Supervisor {
  readonly #children: readonly Child[];
  #noting = Promise.resolve();

  constructor(private readonly options: SupervisorOptions) {
    const workers = Array.from({ length: options.workers }, (_, index) =>
      this.#child(options.workers === 1 ? 'worker' : `worker ${index + 1}`, 'worker'),
    );
    this.#children = [this.#child('api', 'api'), this.#child('smtp', 'smtp'), ...workers];
  }

  /** Whether it is our doors that answer on our ports. */
  get areDoorsOpen(): boolean {
    return this.#children.every((child) => child.app === 'worker' || child.isListening);
  }

  start(): void {
    for (const child of this.#children) child.start();
  }

  /** Everything has worked once: children are kept alive from now on, however often they die. */
  settle(): void {
    for (const child of this.#children) child.settle();
  }

  /** Ends each child; it is started again with the environment of now. */
  async restart(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.restart()));
  }

  async stop(): Promise<void> {
    const start = performance.now();
    const left = (graceMs: number): number => Math.max(0, graceMs - (performance.now() - start));
    await this.#stop(
      'doors',
      this.#children.filter(({ app }) => app !== 'worker'),
      () => left(DOORS_GRACE_MS),
    );
    await this.#stop(
      'workers',
      this.#children.filter(({ app }) => app === 'worker'),
      () => left(ALL_GRACE_MS),
    );
    await this.stopByForce();
  }

  async stopByForce(): Promise<void> {
    const alive = this.#children.filter((child) => child.isRunning);
    for (const child of alive) this.options.progress.step(`${child.name} did not end in time`);
    await Promise.all(this.#children.map((child) => child.stop('SIGKILL')));
    await this.#noting;
  }

  async #stop(what: string, children: readonly Child[], graceMs: () => number): Promise<void> {
    const all = Promise.all(children.map((child) => child.stop()));
    const hasEnded = await waitUntil(() => children.every((child) => !child.isRunning), graceMs(), 20);
    if (!hasEnded) return;
    await all;
    this.options.progress.step(`${what} have ended`);
  }

  #child(name: string, app: Child['app']): Child {
    const { folder, progress } = this.options;
    return new Child({
      name,
      app,
      environment: this.options.environment,
      log: new LogFile(folder.file('log', `${name.replace(' ', '-')}.log`)),
      onChange: () => this.#note(),
      onNotice: (text) => progress.step(text),
      onDeath: (how, said, willRestart) => {
        if (willRestart) progress.step(`${name} has ended (${how}); it is started again`);
        else this.options.onFailure(notComingUp(name, how, said));
      },
    });
  }

  /** One after the other: the last one written is the newest. */
  #note(): void {
    this.#noting = this.#noting.then(async () => {
      const identities = this.#children.map(({ identity }) => identity).filter((identity) => identity !== undefined);
      await this.options.folder.noteChildren(identities).catch(() => undefined);
    });
  }
}

function notComingUp(name: string, how: string, said: string): Failure {
  const lines = said.trim().split('\n').slice(-5);
  return new Failure(`${name} does not come up (${how}). The last that it said:\n${lines.join('\n')}`);
}
