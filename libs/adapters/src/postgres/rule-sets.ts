import type { RuleSets } from '#lib/flow';
import type { RuleSetContent } from '#lib/rules';
import { AdapterError } from '../errors.js';
import type { DatabasePool } from './database-pool.js';
import { KeptBySize } from './kept-by-size.js';
import { prepared } from './statement.js';

/** Characters of JSON that are kept parsed. */
const CACHED_CHARS_MAX = 32 << 20;

const loadRuleSet = prepared<{ content: RuleSetContent; chars: number }, [organizationId: string, hash: string]>(
  'load_rule_set',
  'SELECT content, length(content::text) AS chars FROM rule_set WHERE organization_id = $1 AND hash = $2',
);

/** Rule sets never change, so what was used last is kept. */
export class PostgresRuleSets implements RuleSets {
  readonly #kept = new KeptBySize<RuleSetContent>(CACHED_CHARS_MAX);

  constructor(private readonly pool: DatabasePool) {}

  /** Error: `ERR_RULE_SET_MISSING`; those of the database. */
  async load(organizationId: string, hash: string): Promise<RuleSetContent> {
    const content = await this.#kept.get(`${organizationId} ${hash}`, async () => {
      const [row] = await this.pool.one(organizationId, loadRuleSet(organizationId, hash));
      return row === undefined ? undefined : { value: row.content, size: row.chars };
    });
    if (content === undefined) throw new AdapterError('ERR_RULE_SET_MISSING');
    return content;
  }
}
