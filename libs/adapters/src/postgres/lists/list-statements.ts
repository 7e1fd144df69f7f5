import type { ListReference, ListType, RuleSetContent } from '#lib/rules';
import { prepared } from '../statement.js';
import type { NamedList } from './list-store.js';

export interface ListRow {
  readonly name: string;
  readonly type: ListType;
  readonly description: string;
  readonly version: number;
  readonly entries_version: number;
  readonly entry_count: number;
  readonly sha256: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly entries_updated_at: Date;
}

const LISTS = `
  SELECT n.name, n.type, n.description, n.version, n.entries_version, c.entry_count, n.sha256, n.created_at, n.updated_at,
         n.entries_updated_at
    FROM named_list n JOIN list_content c ON c.organization_id = n.organization_id AND c.sha256 = n.sha256
   WHERE n.organization_id = $1`;

export const listLists = prepared<ListRow, [organizationId: string, after: string, limit: number]>(
  'list_lists',
  `${LISTS} AND n.name > $2 ORDER BY n.name LIMIT $3`,
);

export const findList = prepared<ListRow, [organizationId: string, name: string]>(
  'find_list',
  `${LISTS} AND n.name = $2`,
);

/** The lists of these names as rule sets refer to them, by name; what is not there is left out. */
export const loadListReferences = prepared<ListReference, [organizationId: string, names: readonly string[]]>(
  'load_list_references',
  `SELECT n.name, n.type, n.entries_version AS version, c.entry_count AS count, n.sha256
     FROM named_list n JOIN list_content c ON c.organization_id = n.organization_id AND c.sha256 = n.sha256
    WHERE n.organization_id = $1 AND n.name = ANY ($2::text[]) ORDER BY n.name`,
);

export const insertList = prepared<
  { name: string },
  [organizationId: string, name: string, type: ListType, description: string, sha256: string, at: Date]
>(
  'insert_list',
  `INSERT INTO named_list (organization_id, name, type, description, version, entries_version, sha256, created_at, updated_at,
                           entries_updated_at)
   VALUES ($1, $2, $3, $4, 1, 1, $5, $6, $6, $6) ON CONFLICT DO NOTHING RETURNING name`,
);

export const describeList = prepared<never, [organizationId: string, name: string, description: string, at: Date]>(
  'describe_list',
  `UPDATE named_list SET description = $3, version = version + 1, updated_at = $4
    WHERE organization_id = $1 AND name = $2`,
);

export const fillList = prepared<never, [organizationId: string, name: string, sha256: string, at: Date]>(
  'fill_list',
  `UPDATE named_list
      SET sha256 = $3, version = version + 1, entries_version = entries_version + 1, updated_at = $4, entries_updated_at = $4
    WHERE organization_id = $1 AND name = $2`,
);

export const deleteList = prepared<never, [organizationId: string, name: string]>(
  'delete_list',
  'DELETE FROM named_list WHERE organization_id = $1 AND name = $2',
);

/** What mail is judged by now. */
export const loadCurrentContent = prepared<{ content: RuleSetContent }, [organizationId: string]>(
  'load_current_content',
  `SELECT s.content FROM organization o JOIN rule_set s ON s.organization_id = o.id AND s.hash = o.current_rule_set
    WHERE o.id = $1`,
);

/** `is_new`: its chunks are to be written. Kept for a while also where nothing refers to it yet. */
export const keepContent = prepared<
  { is_new: boolean },
  [organizationId: string, sha256: string, entryCount: number, sizeBytes: number]
>(
  'keep_list_content',
  `INSERT INTO list_content (organization_id, sha256, entry_count, size_bytes) VALUES ($1, $2, $3, $4)
       ON CONFLICT (organization_id, sha256) DO UPDATE SET kept_at = now() RETURNING xmax = 0 AS is_new`,
);

export const insertChunk = prepared<never, [organizationId: string, sha256: string, n: number, bytes: Uint8Array]>(
  'insert_list_chunk',
  'INSERT INTO list_chunk (organization_id, sha256, n, bytes) VALUES ($1, $2, $3, $4)',
);

export const findContent = prepared<{ size_bytes: number }, [organizationId: string, sha256: string]>(
  'find_list_content',
  'SELECT size_bytes FROM list_content WHERE organization_id = $1 AND sha256 = $2',
);

export const loadChunks = prepared<
  { bytes: Uint8Array },
  [organizationId: string, sha256: string, from: number, to: number]
>(
  'load_list_chunks',
  'SELECT bytes FROM list_chunk WHERE organization_id = $1 AND sha256 = $2 AND n >= $3 AND n < $4 ORDER BY n',
);

export function listOf(row: ListRow): NamedList {
  return {
    name: row.name,
    type: row.type,
    description: row.description,
    version: row.version,
    entries: {
      version: row.entries_version,
      count: row.entry_count,
      sha256: row.sha256,
      updatedAt: row.entries_updated_at.toISOString(),
    },
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
