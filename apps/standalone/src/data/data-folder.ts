import { randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, systemCodeOf } from '#lib/adapters';
import { Failure } from '../failure.js';
import { waitUntil } from '../wait-until.js';
import { identify, isAlive, signal, type ProcessIdentity } from './process-identity.js';

interface Holder extends ProcessIdentity {
  /** It has been told to end, or its starter is gone. */
  readonly isEnding: boolean;
}

/** How long another one may take that has just lost its starter, or is ending. */
const NOTICE_MS = 3000;
const ENDING_MS = 60_000;
const CHILD_GRACE_MS = 3000;

/**
 * The folder of `SEALFLOW_DATA_DIR`, held by one standalone at a time. Inside: `lock`, `children.json` (processes that we
 * started), `database.json` (passwords), `postgres/`, `blobs/`, `keys/`, `log/`.
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly self: ProcessIdentity,
    private readonly noticeMs: number,
  ) {}

  /**
   * Makes the folder where it is missing and takes it. What a killed predecessor left running is ended first: only
   * processes that it noted, known by id and time of start. Throws `Failure` if another
   * standalone has it, and still has it after `noticeMs`.
   */
  static async take(path: string, onWait: (what: string) => void, noticeMs = NOTICE_MS): Promise<DataFolder> {
    const isNew = await makeFolder(path);
    // As root the embedded server runs as another user, who has to come through to its own folder.
    if (isNew && process.getuid?.() === 0) await chmod(path, 0o711);
    const self = identify(process.pid);
    if (self === undefined) throw new Failure('This system does not tell when a process was started.');
    const folder = new DataFolder(path, self, noticeMs);
    await folder.#lock(onWait);
    await folder.#endLeftChildren(onWait);
    return folder;
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** The text of a file; `undefined` if there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.file(name), 'utf8');
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Writes a file (mode 0600) whole and durably: after a crash it is the old one or the new one. */
  async write(name: string, text: string): Promise<void> {
    const temporary = this.file(`${name}.${randomUUID()}.tmp`);
    await writeDurably(temporary, text);
    await rename(temporary, this.file(name));
    await syncFolder(dirname(this.file(name)));
  }

  async remove(name: string): Promise<void> {
    await rm(this.file(name), { force: true });
  }

  /** Makes a folder inside for ourselves alone; `false` if it was there. */
  async makeFolder(name: string): Promise<boolean> {
    return await makeFolder(this.file(name));
  }

  /** Notes which processes a successor would have to end. */
  async noteChildren(children: readonly ProcessIdentity[]): Promise<void> {
    await this.write('children.json', JSON.stringify(children));
  }

  /** Says that we are about to leave: a successor then waits instead of giving up. */
  async announceEnd(): Promise<void> {
    await this.write('lock', JSON.stringify({ ...this.self, isEnding: true } satisfies Holder));
  }

  async leave(): Promise<void> {
    await this.remove('children.json');
    await this.remove('lock');
  }

  async #lock(onWait: (what: string) => void): Promise<void> {
    const mine = this.file(`lock.${randomUUID()}.tmp`);
    await writeDurably(mine, JSON.stringify({ ...this.self, isEnding: false } satisfies Holder));
    try {
      for (;;) {
        if (await linkOnce(mine, this.file('lock'))) return;
        const holder = await this.#holder();
        if (holder === undefined) continue;
        if (isAlive(holder)) await this.#waitFor(holder, onWait);
        else await this.#removeLock(holder);
      }
    } finally {
      await rm(mine, { force: true });
    }
  }

  async #holder(): Promise<Holder | undefined> {
    const text = await this.read('lock');
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Holder;
    } catch {
      throw new Failure(`${this.file('lock')} is not a lock file of Sealflow: remove it if nothing uses this folder.`);
    }
  }

  /** Whoever has it may be about to leave. */
  async #waitFor(holder: Holder, onWait: (what: string) => void): Promise<void> {
    if (await waitUntil(() => !isAlive(holder), this.noticeMs)) return;
    if ((await this.#holder())?.isEnding === true) {
      onWait('another Sealflow on this data folder is ending; waiting for it');
      if (await waitUntil(() => !isAlive(holder), ENDING_MS)) return;
    }
    throw new Failure(
      `Another Sealflow (process ${holder.pid}) already works in ${this.path}: end it first, or set SEALFLOW_DATA_DIR to a folder of its own.`,
    );
  }

  /** Takes the lock of a dead holder away; one that came instead meanwhile is put back. */
  async #removeLock(dead: Holder): Promise<void> {
    const aside = this.file(`lock.${randomUUID()}.tmp`);
    try {
      await rename(this.file('lock'), aside);
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return;
      throw error;
    }
    const found = JSON.parse(await readFile(aside, 'utf8')) as Holder;
    if (found.pid !== dead.pid || found.started !== dead.started) await linkOnce(aside, this.file('lock'));
    await rm(aside, { force: true });
  }

  async #endLeftChildren(onWait: (what: string) => void): Promise<void> {
    const left = (JSON.parse((await this.read('children.json')) ?? '[]') as ProcessIdentity[]).filter(isAlive);
    if (left.length > 0) onWait(`ending ${left.length} processes that a killed Sealflow left behind`);
    for (const name of ['SIGTERM', 'SIGKILL'] as const) {
      for (const child of left) signal(child, name);
      if (await waitUntil(() => !left.some(isAlive), CHILD_GRACE_MS)) break;
    }
    await this.remove('children.json');
  }
}

async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
