import type { RuleSets } from '#lib/flow';
import type { RuleSetContent } from '#lib/rules';
import { AdapterError } from '../errors.js';
import type { DatabasePool } from './database-pool.js';
import { prepared } from './statement.js';

/** Characters of JSON that are kept parsed; the newest one stays however large it is. */
const CACHED_CHARS_MAX = 32 << 20;

interface Cached {
  readonly content: Promise<RuleSetContent>;
  /** 0 until it is there. */
  chars: number;
}

const loadRuleSet = prepared<{ content: RuleSetContent; chars: number }, [organizationId: string, hash: string]>(
  'load_rule_set',
  'SELECT content, length(content::text) AS chars FROM rule_set WHERE organization_id = $1 AND hash = $2',
);

/** Rule sets never change, so what was used last is kept. */
export class PostgresRuleSets implements RuleSets {
  readonly #cache = new Map<string, Cached>();

  constructor(private readonly pool: DatabasePool) {}

  /** Error: `ERR_RULE_SET_MISSING`; those of the database. */
  async load(organizationId: string, hash: string): Promise<RuleSetContent> {
    const key = `${organizationId} ${hash}`;
    const cached = this.#cache.get(key) ?? this.#fetch(organizationId, hash, key);
    this.#cache.delete(key);
    this.#cache.set(key, cached);
    try {
      return await cached.content;
    } catch (error) {
      if (this.#cache.get(key) === cached) this.#cache.delete(key);
      throw error;
    }
  }

  #fetch(organizationId: string, hash: string, key: string): Cached {
    const fetch = async (): Promise<RuleSetContent> => {
      const [row] = await this.pool.one(organizationId, loadRuleSet(organizationId, hash));
      if (row === undefined) throw new AdapterError('ERR_RULE_SET_MISSING');
      cached.chars = row.chars;
      this.#shrink(key);
      return row.content;
    };
    const cached: Cached = { chars: 0, content: Promise.resolve().then(fetch) };
    return cached;
  }

  #shrink(newest: string): void {
    let chars = 0;
    for (const cached of this.#cache.values()) chars += cached.chars;
    for (const [key, cached] of this.#cache) {
      if (chars <= CACHED_CHARS_MAX) return;
      if (key === newest) continue;
      this.#cache.delete(key);
      chars -= cached.chars;
    }
  }
}
