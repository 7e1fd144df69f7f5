import type { DirectoryEntry, DirectoryFacts } from '#lib/rules';
import type { DirectoryErrorCode } from '../errors.js';
import type { Directory } from '../ports.js';

/** People and groups in memory, for tests. Nested groups are resolved when asked, circles harmless. */
export class InMemoryDirectory implements Directory {
  readonly #people = new Map<string, Omit<DirectoryEntry, 'groups'>>();
  readonly #groups: { readonly names: readonly string[]; readonly members: readonly string[] }[] = [];
  /** Set: the directory cannot be had. */
  errorCode: DirectoryErrorCode | undefined;
  /** Every question, in order. */
  readonly asked: (readonly string[])[] = [];

  /** With an organization, others have nobody. */
  constructor(private readonly organizationId?: string) {}

  addPerson(
    address: string,
    more: Partial<Omit<DirectoryEntry, 'address' | 'groups'>> & { readonly aliases?: readonly string[] } = {},
  ): void {
    const { aliases = [], displayName = null, manager = null, attributes = {}, canEncrypt = true } = more;
    for (const one of [address, ...aliases]) {
      this.#people.set(one, { address, displayName, manager, attributes, canEncrypt });
    }
  }

  /** Members are addresses, and names or addresses of other groups. */
  addGroup(name: string, members: readonly string[], address?: string): void {
    this.#groups.push({ names: [name.toLowerCase(), ...(address === undefined ? [] : [address])], members });
  }

  lookup(organizationId: string, addresses: readonly string[]): Promise<DirectoryFacts> {
    this.asked.push(addresses);
    const { errorCode } = this;
    const isOther = this.organizationId !== undefined && organizationId !== this.organizationId;
    const entries = addresses.map((address) => {
      return [address, errorCode === undefined ? (isOther ? null : this.#entryOf(address)) : { errorCode }] as const;
    });
    return Promise.resolve(Object.fromEntries(entries));
  }

  #entryOf(asked: string): DirectoryEntry | null {
    const person = this.#people.get(asked);
    const found = new Set<string>();
    const aliases = [...this.#people].filter(([, one]) => one === person || one.address === person?.address);
    const keys = [asked, ...aliases.map(([alias]) => alias)];
    for (const { names } of this.#groups) if (names.includes(asked)) for (const name of names) found.add(name);
    for (let count = -1; count !== found.size;) {
      count = found.size;
      for (const { names, members } of this.#groups) {
        const isIn = members.some((member) => keys.includes(member) || found.has(member.toLowerCase()));
        if (isIn) for (const name of names) found.add(name);
      }
    }
    if (person === undefined && found.size === 0) return null;
    const stranger = { address: asked, displayName: null, manager: null, attributes: {}, canEncrypt: true };
    return { ...(person ?? stranger), groups: [...found] };
  }
}
