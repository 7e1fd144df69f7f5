import { isId, newId } from '#lib/core';
import type { RuleSets } from '#lib/flow';
import type { RuleInput, RuleSetContent } from '#lib/rules';
import { AdapterError } from '../../errors.js';
import type { DatabasePool, Send } from '../database-pool.js';
import { numberCursor, numberOfCursor, pageOf } from '../pages.js';
import { prepared } from '../statement.js';
import type { Page, PageQuery, RuleStore, StoredRule, WriteMiss } from '../stores.js';
import type { RuleContent } from '../tables.js';
import type { Drawing } from './drawing.js';
import { lockRules, publishRules } from './publish-rules.js';
import {
  contentOf,
  countRules,
  deleteRule,
  findRule,
  findVersion,
  insertRule,
  keepVersion,
  listRules,
  listVersions,
  makeRoom,
  nextPriority,
  orderRules,
  storedRuleOf,
  updateRule,
  type StoredRuleRow,
} from './rule-statements.js';

type Written = { readonly kind: 'written'; readonly rule: StoredRule };

const VERSION_MAX = 2_147_483_647;

const findCurrent = prepared<{ current_rule_set: string }, [organizationId: string]>(
  'find_current_rule_set',
  'SELECT current_rule_set FROM organization WHERE id = $1',
);

/**
 * Rules of organizations. Priorities are unique and leave gaps where rules went. A rule that is only moved by another's
 * write keeps its version.
 */
export class PostgresRules implements RuleStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly ruleSets: RuleSets,
    private readonly drawing: Drawing,
  ) {}

  async list(organizationId: string, page: PageQuery): Promise<Page<StoredRule>> {
    const after = page.cursor === null ? -1 : numberOfCursor(page.cursor);
    const rows = await this.pool.one(organizationId, listRules(organizationId, after, page.limit + 1));
    return pageOf(rows, page, storedRuleOf, ({ priority }) => numberCursor(priority));
  }

  async find(organizationId: string, id: string): Promise<StoredRule | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.pool.one(organizationId, findRule(organizationId, id));
    return row === undefined ? undefined : storedRuleOf(row);
  }

  async create(organizationId: string, input: RuleInput): Promise<StoredRule> {
    return await this.pool.transaction(organizationId, async (send) => {
      await send(lockRules(organizationId));
      const now = this.drawing.clock.now();
      const id = newId(now.getTime(), this.drawing.random);
      const priority = input.priority ?? (await send(nextPriority(organizationId)))[0]?.next ?? 0;
      const content = JSON.stringify(contentOf(input));
      const [, [row]] = await Promise.all([
        send(makeRoom(organizationId, priority, id)),
        send(insertRule(organizationId, id, priority, content, now)),
        send(keepVersion(organizationId, id)),
      ]);
      await publishRules(send, organizationId);
      return storedRuleOf(row as StoredRuleRow);
    });
  }

  async replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: RuleInput,
  ): Promise<Written | WriteMiss> {
    return await this.#change(organizationId, id, version, (send, row) =>
      this.#overwrite(send, organizationId, row, contentOf(input), input.priority ?? row.priority),
    );
  }

  async remove(
    organizationId: string,
    id: string,
    version: number | null,
  ): Promise<{ readonly kind: 'written' } | WriteMiss> {
    return await this.#change(organizationId, id, version, async (send) => {
      await send(deleteRule(organizationId, id));
      return { kind: 'written' as const };
    });
  }

  async reorder(organizationId: string, ids: readonly string[]): Promise<'written' | 'unfit'> {
    if (new Set(ids).size !== ids.length || !ids.every(isId)) return 'unfit';
    return await this.pool.transaction(organizationId, async (send) => {
      await send(lockRules(organizationId));
      const [count] = await send(countRules(organizationId, ids));
      if (count?.all !== ids.length || count.named !== ids.length) return 'unfit';
      await send(orderRules(organizationId, ids));
      await publishRules(send, organizationId);
      return 'written';
    });
  }

  async versions(organizationId: string, id: string, page: PageQuery): Promise<Page<StoredRule>> {
    if (!isId(id)) return { items: [], nextCursor: null };
    const before = page.cursor === null ? VERSION_MAX : numberOfCursor(page.cursor);
    const rows = await this.pool.one(organizationId, listVersions(organizationId, id, before, page.limit + 1));
    return pageOf(rows, page, storedRuleOf, ({ version }) => numberCursor(version));
  }

  async rollback(
    organizationId: string,
    id: string,
    version: number | null,
    toVersion: number,
  ): Promise<Written | { readonly kind: 'unknownVersion' } | WriteMiss> {
    return await this.#change(organizationId, id, version, async (send, row) => {
      const [older] = toVersion < row.version ? await send(findVersion(organizationId, id, toVersion)) : [];
      if (older === undefined) return { kind: 'unknownVersion' as const };
      return await this.#overwrite(send, organizationId, row, older.content, row.priority);
    });
  }

  async current(organizationId: string): Promise<{ readonly hash: string; readonly content: RuleSetContent }> {
    const [row] = await this.pool.one(organizationId, findCurrent(organizationId));
    if (row === undefined) throw new AdapterError('ERR_RULE_SET_MISSING');
    const hash = row.current_rule_set;
    return { hash, content: await this.ruleSets.load(organizationId, hash) };
  }

  /** Changes one rule that is of the version named, and publishes what `work` has written. */
  async #change<T extends { readonly kind: string }>(
    organizationId: string,
    id: string,
    version: number | null,
    work: (send: Send, row: StoredRuleRow) => Promise<T>,
  ): Promise<T | WriteMiss> {
    if (!isId(id)) return { kind: 'missing' };
    return await this.pool.transaction(organizationId, async (send) => {
      const [, [row]] = await Promise.all([send(lockRules(organizationId)), send(findRule(organizationId, id))]);
      if (row === undefined) return { kind: 'missing' };
      if (version !== null && version !== row.version) return { kind: 'stale' };
      const result = await work(send, row);
      if (result.kind === 'written') await publishRules(send, organizationId);
      return result;
    });
  }

  async #overwrite(
    send: Send,
    organizationId: string,
    row: StoredRuleRow,
    content: RuleContent,
    priority: number,
  ): Promise<Written> {
    const now = this.drawing.clock.now();
    const [, [written]] = await Promise.all([
      priority === row.priority ? [] : send(makeRoom(organizationId, priority, row.id)),
      send(updateRule(organizationId, row.id, row.version + 1, priority, JSON.stringify(content), now)),
      send(keepVersion(organizationId, row.id)),
    ]);
    return { kind: 'written', rule: storedRuleOf(written as StoredRuleRow) };
  }
}
