import { ListBuilder, referencesOf, type PackedEntries } from '#lib/rules';
import type { DatabasePool, Send } from '../database-pool.js';
import { pageOf, textCursor, textOfCursor } from '../pages.js';
import type { Page, PageQuery, WriteMiss } from '../stores.js';
import type { Drawing } from '../stores/drawing.js';
import { lockRules, publishRules } from '../stores/publish-rules.js';
import {
  deleteList,
  describeList,
  fillList,
  findList,
  insertChunk,
  insertList,
  keepContent,
  listLists,
  listOf,
  loadCurrentContent,
  type ListRow,
} from './list-statements.js';
import type { ListStore, ListUse, NamedList } from './list-store.js';
import { packInTurns } from './pack-in-turns.js';

type Written = { readonly kind: 'written'; readonly list: NamedList };

const CHUNK_BYTES = 1024 * 1024;
const USES_MAX = 100;

export class PostgresLists implements ListStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async list(organizationId: string, page: PageQuery): Promise<Page<NamedList>> {
    const after = page.cursor === null ? '' : textOfCursor(page.cursor);
    const rows = await this.pool.one(organizationId, listLists(organizationId, after, page.limit + 1));
    return pageOf(rows, page, listOf, ({ name }) => textCursor(name));
  }

  async find(organizationId: string, name: string): Promise<NamedList | undefined> {
    const [row] = await this.pool.one(organizationId, findList(organizationId, name));
    return row === undefined ? undefined : listOf(row);
  }

  async create(
    organizationId: string,
    { name, type, description }: Pick<NamedList, 'name' | 'type' | 'description'>,
  ): Promise<Written | { readonly kind: 'taken' }> {
    const nothing = await packInTurns(new ListBuilder(type));
    await this.#keep(organizationId, nothing);
    const at = this.drawing.clock.now();
    const [inserted, [row]] = await this.pool.batch(organizationId, [
      insertList(organizationId, name, type, description, nothing.sha256, at),
      findList(organizationId, name),
    ]);
    return inserted.length === 0 ? { kind: 'taken' } : { kind: 'written', list: listOf(row as ListRow) };
  }

  async describe(
    organizationId: string,
    name: string,
    version: number | null,
    { description }: Pick<NamedList, 'description'>,
  ): Promise<Written | WriteMiss> {
    return await this.#change(organizationId, name, version, async (send, row) => {
      if (description !== row.description) {
        await send(describeList(organizationId, name, description, this.drawing.clock.now()));
      }
      return await written(send, organizationId, name);
    });
  }

  async remove(
    organizationId: string,
    name: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | { readonly kind: 'used'; readonly by: ListUse } | WriteMiss> {
    return await this.#change(organizationId, name, version, async (send) => {
      const by = await useOf(send, organizationId, name);
      if (by !== undefined) return { kind: 'used' as const, by };
      await send(deleteList(organizationId, name));
      return { kind: 'written' as const };
    });
  }

  async replaceEntries(
    organizationId: string,
    name: string,
    version: number | null,
    entries: PackedEntries,
  ): Promise<Written | WriteMiss> {
    await this.#keep(organizationId, entries);
    return await this.#change(organizationId, name, version, async (send, row) => {
      if (entries.sha256 !== row.sha256) {
        await send(fillList(organizationId, name, entries.sha256, this.drawing.clock.now()));
        if ((await useOf(send, organizationId, name)) !== undefined) await publishRules(send, organizationId);
      }
      return await written(send, organizationId, name);
    });
  }

  /** Writes the packed entries, if they are not there, before anything refers to them and while nobody waits. */
  async #keep(organizationId: string, { bytes, count, sha256 }: PackedEntries): Promise<void> {
    await this.pool.transaction(organizationId, async (send) => {
      const [kept] = await send(keepContent(organizationId, sha256, count, bytes.length));
      if (kept?.is_new !== true) return;
      for (let n = 0; n * CHUNK_BYTES < bytes.length; n += 1) {
        const chunk = bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES);
        await send(insertChunk(organizationId, sha256, n, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)));
      }
    });
  }

  /** Changes one list that is of the version named, while nobody publishes rules. */
  async #change<T extends { readonly kind: string }>(
    organizationId: string,
    name: string,
    version: number | null,
    work: (send: Send, row: ListRow) => Promise<T>,
  ): Promise<T | WriteMiss> {
    return await this.pool.transaction(organizationId, async (send) => {
      await send(lockRules(organizationId));
      const [row] = await send(findList(organizationId, name));
      if (row === undefined) return { kind: 'missing' };
      if (version !== null && version !== row.version) return { kind: 'stale' };
      return await work(send, row);
    });
  }
}

async function written(send: Send, organizationId: string, name: string): Promise<Written> {
  const [row] = await send(findList(organizationId, name));
  return { kind: 'written', list: listOf(row as ListRow) };
}

/** The rules in force that ask a list; `undefined` if none does. */
async function useOf(send: Send, organizationId: string, name: string): Promise<ListUse | undefined> {
  const [current] = await send(loadCurrentContent(organizationId));
  const { rules = [], conditions = {} } = current?.content ?? {};
  const asks = rules.filter((rule) => referencesOf([rule], conditions).lists.includes(name));
  return asks.length === 0 ? undefined : { rules: asks.slice(0, USES_MAX).map((rule) => rule.name) };
}
