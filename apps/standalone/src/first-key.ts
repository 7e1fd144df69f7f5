import { randomBytes } from 'node:crypto';
import type { DataFolder } from './data/data-folder.js';

const FILE = 'first-api-key';
const DONE = 'first-api-key.shown';
const KEY_BYTES = 24;

/**
 * The first administrator key, where nobody gave one: made at the first start and shown once, when the API has taken it.
 * Until it was shown it lies in a file (mode 0600), so that a crash in between loses nobody the way in.
 */
export class FirstKey {
  private constructor(
    private readonly folder: DataFolder,
    readonly text: string | undefined,
  ) {}

  /** `given`: what `SEALFLOW_BOOTSTRAP_API_KEY` says. */
  static async prepare(folder: DataFolder, isGiven: boolean): Promise<FirstKey> {
    if (isGiven || (await folder.read(DONE)) !== undefined) return new FirstKey(folder, undefined);
    const kept = await folder.read(FILE);
    if (kept !== undefined) return new FirstKey(folder, kept);
    const key = `sf_${randomBytes(KEY_BYTES).toString('base64url')}`;
    await folder.write(FILE, key);
    return new FirstKey(folder, key);
  }

  /** Also if the database had an administrator already, who needs none. */
  async hasBeenShown(): Promise<void> {
    if (this.text === undefined) return;
    await this.folder.write(DONE, '');
    await this.folder.remove(FILE);
  }
}
