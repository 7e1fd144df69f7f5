import type { RuleInput } from '#lib/rules';
import { prepared } from '../statement.js';
import type { RuleContent } from '../tables.js';
import type { StoredRule } from '../stores.js';
import { ruleOf, type RuleRow } from './publish-rules.js';

export interface StoredRuleRow extends RuleRow {
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'id, version, priority, content, created_at, updated_at';

export const findRule = prepared<StoredRuleRow, [organizationId: string, id: string]>(
  'find_rule',
  `SELECT ${COLUMNS} FROM rule WHERE organization_id = $1 AND id = $2`,
);

export const listRules = prepared<StoredRuleRow, [organizationId: string, after: number, limit: number]>(
  'list_rules',
  `SELECT ${COLUMNS} FROM rule WHERE organization_id = $1 AND priority > $2 ORDER BY priority LIMIT $3`,
);

export const nextPriority = prepared<{ next: number }, [organizationId: string]>(
  'next_rule_priority',
  'SELECT coalesce(max(priority) + 1, 0) AS next FROM rule WHERE organization_id = $1',
);

/** Makes room: if another rule has the place, it moves down by one, and so do those behind it up to the next gap. */
export const makeRoom = prepared<never, [organizationId: string, priority: number, exceptId: string]>(
  'make_rule_room',
  `UPDATE rule SET priority = priority + 1
    WHERE organization_id = $1 AND id <> $3 AND priority >= $2 AND priority < (
      SELECT min(c.n)
        FROM (SELECT $2::integer AS n UNION ALL SELECT priority + 1 FROM rule WHERE organization_id = $1 AND priority >= $2) c
       WHERE NOT EXISTS (SELECT FROM rule t WHERE t.organization_id = $1 AND t.priority = c.n AND t.id <> $3))`,
);

export const insertRule = prepared<
  StoredRuleRow,
  [organizationId: string, id: string, priority: number, content: string, at: Date]
>(
  'insert_rule',
  `INSERT INTO rule (organization_id, id, version, priority, content, created_at, updated_at)
   VALUES ($1, $2, 1, $3, $4, $5, $5) RETURNING ${COLUMNS}`,
);

export const updateRule = prepared<
  StoredRuleRow,
  [organizationId: string, id: string, version: number, priority: number, content: string, at: Date]
>(
  'update_rule',
  `UPDATE rule SET version = $3, priority = $4, content = $5, updated_at = $6
    WHERE organization_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
);

/** The version as it was just written. */
export const keepVersion = prepared<never, [organizationId: string, id: string]>(
  'keep_rule_version',
  `INSERT INTO rule_version (organization_id, rule_id, version, priority, content, created_at, updated_at)
   SELECT organization_id, id, version, priority, content, created_at, updated_at FROM rule
    WHERE organization_id = $1 AND id = $2`,
);

export const deleteRule = prepared<never, [organizationId: string, id: string]>(
  'delete_rule',
  'DELETE FROM rule WHERE organization_id = $1 AND id = $2',
);

export const countRules = prepared<{ all: number; named: number }, [organizationId: string, ids: readonly string[]]>(
  'count_rules',
  'SELECT count(*) AS all, count(*) FILTER (WHERE id = ANY ($2::uuid[])) AS named FROM rule WHERE organization_id = $1',
);

export const orderRules = prepared<never, [organizationId: string, ids: readonly string[]]>(
  'order_rules',
  `UPDATE rule r SET priority = o.n - 1 FROM unnest($2::uuid[]) WITH ORDINALITY o (id, n)
    WHERE r.organization_id = $1 AND r.id = o.id`,
);

export const listVersions = prepared<
  StoredRuleRow,
  [organizationId: string, id: string, before: number, limit: number]
>(
  'list_rule_versions',
  `SELECT rule_id AS id, version, priority, content, created_at, updated_at FROM rule_version
    WHERE organization_id = $1 AND rule_id = $2 AND version < $3 ORDER BY version DESC LIMIT $4`,
);

export const findVersion = prepared<{ content: RuleContent }, [organizationId: string, id: string, version: number]>(
  'find_rule_version',
  'SELECT content FROM rule_version WHERE organization_id = $1 AND rule_id = $2 AND version = $3',
);

export function storedRuleOf(row: StoredRuleRow): StoredRule {
  return { ...ruleOf(row), createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString() };
}

/** What of a rule is kept as JSON, in one order of properties. */
export function contentOf(input: Omit<RuleInput, 'priority'>): RuleContent {
  return {
    name: input.name,
    description: input.description,
    enabled: input.enabled,
    mode: input.mode,
    conditions: input.conditions,
    exceptions: input.exceptions,
    actions: input.actions,
    appliesTo: input.appliesTo,
    stopProcessing: input.stopProcessing,
    onError: input.onError,
    activateAt: input.activateAt,
    expireAt: input.expireAt,
  };
}
