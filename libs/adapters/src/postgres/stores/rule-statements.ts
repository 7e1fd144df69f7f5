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

export const findRule = prepared<StoredRuleRow, [id: string]>('find_rule', `SELECT ${COLUMNS} FROM rule WHERE id = $1`);

export const listRules = prepared<StoredRuleRow, [after: number, limit: number]>(
  'list_rules',
  `SELECT ${COLUMNS} FROM rule WHERE priority > $1 ORDER BY priority LIMIT $2`,
);

export const nextPriority = prepared<{ next: number }, []>(
  'next_rule_priority',
  'SELECT coalesce(max(priority) + 1, 0) AS next FROM rule',
);

/** Makes room: if another rule has the place, it and all behind it move down by one. */
export const makeRoom = prepared<never, [priority: number, exceptId: string]>(
  'make_rule_room',
  `UPDATE rule SET priority = priority + 1
    WHERE priority >= $1 AND id <> $2 AND EXISTS (SELECT FROM rule WHERE priority = $1 AND id <> $2)`,
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
  [id: string, version: number, priority: number, content: string, at: Date]
>(
  'update_rule',
  `UPDATE rule SET version = $2, priority = $3, content = $4, updated_at = $5 WHERE id = $1 RETURNING ${COLUMNS}`,
);

/** The version as it was just written. */
export const keepVersion = prepared<never, [id: string]>(
  'keep_rule_version',
  `INSERT INTO rule_version (organization_id, rule_id, version, priority, content, created_at, updated_at)
   SELECT organization_id, id, version, priority, content, created_at, updated_at FROM rule
    WHERE id = $1`,
);

export const deleteRule = prepared<never, [id: string]>('delete_rule', 'DELETE FROM rule WHERE id = $1');

export const countRules = prepared<{ all: number; named: number }, [ids: readonly string[]]>(
  'count_rules',
  'SELECT count(*) AS all, count(*) FILTER (WHERE id = ANY ($1::uuid[])) AS named FROM rule',
);

export const orderRules = prepared<never, [ids: readonly string[]]>(
  'order_rules',
  `UPDATE rule r SET priority = o.n - 1 FROM unnest($1::uuid[]) WITH ORDINALITY o (id, n) WHERE r.id = o.id`,
);

export const listVersions = prepared<StoredRuleRow, [id: string, before: number, limit: number]>(
  'list_rule_versions',
  `SELECT rule_id AS id, version, priority, content, created_at, updated_at FROM rule_version
    WHERE rule_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`,
);

export const findVersion = prepared<{ content: RuleContent }, [id: string, version: number]>(
  'find_rule_version',
  'SELECT content FROM rule_version WHERE rule_id = $1 AND version = $2',
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
