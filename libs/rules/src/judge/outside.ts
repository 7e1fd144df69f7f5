import { foldText } from '../text/fold-text.js';
import type { FactError, FactRecord } from '../types.js';
import { entryOf, isError } from './directory-facts.js';

/** What conditions look into besides the message: the directory. */
export class Outside {
  readonly #groups = new Map<string, ReadonlySet<string> | FactError>();

  constructor(private readonly record: Pick<FactRecord, 'directory'>) {}

  /** Folded names and addresses of every group that an address is in; of an unknown one none. */
  groupsOf(address: string): ReadonlySet<string> | FactError {
    let groups = this.#groups.get(address);
    if (groups === undefined) {
      const entry = entryOf(this.record, address);
      groups = isError(entry) ? entry : new Set(entry?.groups.map(foldText));
      this.#groups.set(address, groups);
    }
    return groups;
  }
}
