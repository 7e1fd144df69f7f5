import { randomBytes } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder } from '../durable-folder.js';
import { AdapterError, systemCodeOf } from '../errors.js';
import { newKeyLine, parseKeyRing, type KeyRing } from './key-ring.js';

/** Key files of one folder: mode 0600, each made whole and exactly once, however many processes make it together. */
export class KeyFiles {
  constructor(private readonly folder: string) {}

  /** The keys of a file; `undefined` if there is no such file. Errors: `ERR_KMS_UNAVAILABLE`. */
  async read(name: string): Promise<KeyRing | undefined> {
    const text = await this.#attempt('read', async () => {
      try {
        return await readFile(join(this.folder, name), 'utf8');
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
    if (text === undefined) return undefined;
    const ring = parseKeyRing(text);
    if (ring === undefined) throw new AdapterError('ERR_KMS_UNAVAILABLE', { detail: { step: 'parse' } });
    return ring;
  }

  /**
   * The keys of a file, which is made if it is not there. Whoever comes second gets the keys of who was first, and
   * nobody gets keys before they are on disk. Errors: `ERR_KMS_UNAVAILABLE`.
   */
  async readOrMake(name: string): Promise<KeyRing> {
    const there = await this.read(name);
    if (there !== undefined) return there;
    await this.#attempt('make', () => this.#write(name, newKeyLine()));
    const made = await this.read(name);
    if (made === undefined) throw new AdapterError('ERR_KMS_UNAVAILABLE', { detail: { step: 'read' } });
    return made;
  }

  /** Notes durably that something was done once. */
  async mark(name: string): Promise<void> {
    await this.#attempt('mark', () => this.#write(name, ''));
  }

  async has(name: string): Promise<boolean> {
    return this.#attempt('look', async () => {
      try {
        await (await open(join(this.folder, name), 'r')).close();
        return true;
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return false;
        throw error;
      }
    });
  }

  /** Makes the folder, mode 0700. */
  async makeFolder(): Promise<void> {
    await this.#attempt('folder', () => makeFolder(this.folder));
  }

  /** A whole file under a name that is linked to it at once, or not at all if the name is taken. */
  async #write(name: string, text: string): Promise<void> {
    const temporary = join(this.folder, `.${randomBytes(8).toString('hex')}.tmp`);
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, join(this.folder, name));
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    } finally {
      await unlink(temporary);
    }
    await syncFolder(this.folder);
  }

  async #attempt<T>(step: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new AdapterError('ERR_KMS_UNAVAILABLE', { detail: { step, code: systemCodeOf(error) }, cause: error });
    }
  }
}
