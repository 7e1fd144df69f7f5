import { hashRuleSet, referencesOf, type Rule, type RuleSetContent } from '#lib/rules';
import type { Send } from '../database-pool.js';
import { loadListReferences } from '../lists/list-statements.js';
import { prepared } from '../statement.js';
import type { RuleContent } from '../tables.js';

export interface RuleRow {
  readonly id: string;
  readonly version: number;
  readonly priority: number;
  readonly content: RuleContent;
}

const loadRules = prepared<RuleRow, [organizationId: string]>(
  'load_rules',
  'SELECT id, version, priority, content FROM rule WHERE organization_id = $1 ORDER BY priority',
);
const loadSettings = prepared<{ time_zone: string; partner_domains: string[]; domains: string[] }, [id: string]>(
  'load_rule_settings',
  `SELECT o.time_zone, o.partner_domains, ARRAY(SELECT d.name FROM domain d WHERE d.organization_id = o.id ORDER BY d.position) AS domains
     FROM organization o WHERE o.id = $1`,
);
const keepRuleSet = prepared<never, [organizationId: string, hash: string, content: string]>(
  'keep_rule_set',
  'INSERT INTO rule_set (organization_id, hash, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
);
const useRuleSet = prepared<never, [organizationId: string, hash: string]>(
  'use_rule_set',
  'UPDATE organization SET current_rule_set = $2 WHERE id = $1',
);

/** Writers of rules wait for one another here; mail is accepted meanwhile. */
export const lockRules = prepared<{ id: string }, [organizationId: string]>(
  'lock_rules',
  'SELECT id FROM organization WHERE id = $1 FOR NO KEY UPDATE',
);

/** The last of each write: the rules as they stand now become a rule set, and mail is pinned to it from the commit on. */
export async function publishRules(send: Send, organizationId: string): Promise<void> {
  const [rows, [settings]] = await Promise.all([send(loadRules(organizationId)), send(loadSettings(organizationId))]);
  const rules = rows.map(ruleOf);
  const { lists: names } = referencesOf(rules);
  const lists = names.length === 0 ? [] : await send(loadListReferences(organizationId, names));
  const content: RuleSetContent = {
    rules,
    settings: {
      acceptedDomains: settings?.domains ?? [],
      partnerDomains: settings?.partner_domains ?? [],
      timeZone: settings?.time_zone ?? 'UTC',
    },
    ...(lists.length === 0 ? {} : { lists }),
  };
  const hash = hashRuleSet(content);
  await Promise.all([
    send(keepRuleSet(organizationId, hash, JSON.stringify(content))),
    send(useRuleSet(organizationId, hash)),
  ]);
}

export function ruleOf({ id, version, priority, content }: RuleRow): Rule {
  return { id, version, priority, ...content };
}
