import { deriveId } from '#lib/core';
import { Client } from 'pg';
import * as acts from '../../libs/adapters/src/postgres/record/act-recipients.js';
import { writeMessages } from '../../libs/adapters/src/postgres/record/accept-batch.js';
import * as claim from '../../libs/adapters/src/postgres/record/claim-statements.js';
import * as close from '../../libs/adapters/src/postgres/record/close-statements.js';
import * as load from '../../libs/adapters/src/postgres/record/load-messages.js';
import * as wake from '../../libs/adapters/src/postgres/record/wake-statements.js';
import type { DatabasePool } from '../../libs/adapters/src/postgres/database-pool.js';
import type { Statement } from '../../libs/adapters/src/postgres/statement.js';
import { listMessages } from '../../libs/adapters/src/postgres/stores/message-list.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecordDatabase, type RecordDatabase } from '../support/record-ground.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const HOT = new Set([
  'message',
  'recipient',
  'outbox',
  'delivery',
  'event',
  'notification',
  'idempotency',
  'message_rule',
  'earlier_judging',
]);
const ids = [deriveId('a message')];
const none: unknown[] = [];
const of = (count: number): unknown[][] => Array.from({ length: count }, () => none);

/**
 * The worst moment to make a plan that is kept: nothing is in the tables, and no statistics are. What looks cheap then
 * reads whole organizations later.
 */
describe('the plans of hot statements, made while the tables are empty', () => {
  let ground: RecordDatabase;
  let application: Client;

  beforeAll(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    application = new Client({ connectionString: ground.urls.applicationUrl });
    await application.connect();
    await application.query(
      `SELECT set_config('search_path', 'sealflow', false), set_config('enable_seqscan', 'off', false),
              set_config('plan_cache_mode', 'force_generic_plan', false), set_config('sealflow.organization', $1, false)`,
      [ground.organizationId],
    );
  });
  afterAll(async () => {
    await application.end();
    await ground.close();
  });

  /** How rows of hot tables are reached. */
  const scansOf = async ({ name, text, values }: Statement): Promise<string[]> => {
    await application.query(`PREPARE ${name ?? ''} AS ${text}`);
    const textOf = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));
    const given = values.map((value) => `'${Array.isArray(value) ? `{${value.join(',')}}` : textOf(value)}'`);
    const { rows } = await application.query(`EXPLAIN (FORMAT JSON) EXECUTE ${name ?? ''} (${given.join(', ')})`);
    const walk = (node: PlanNode): string[] => [
      ...(node['Index Name'] === undefined && !/Seq Scan/.test(node['Node Type'])
        ? []
        : [node['Index Name'] ?? `all of ${node['Relation Name'] ?? ''}`]),
      ...(node.Plans ?? []).flatMap(walk),
    ];
    return walk(rows[0]['QUERY PLAN'][0].Plan).filter((scan) => HOT.has(scan.replace(/^all of |_.*$/g, '')));
  };

  const organizationId = '00000000-0000-8000-8000-000000000001';
  it.each<[string, Statement]>([
    ['accept', writeMessages(organizationId, ...of(20))],
    ['takeClaims', claim.takeClaims('process', ids, true)],
    ['renewClaims', claim.renewClaims(ids, ids)],
    ['releaseClaim', claim.releaseClaim('process', ids[0] ?? '', ids[0] ?? '', new Date(0))],
    ['loadDeferred', claim.loadDeferred(ids[0] ?? '')],
    ['loadMessages', load.loadMessages(ids)],
    ['loadRecipients', load.loadRecipients(ids)],
    ['loadNotifiedMessages', load.loadNotifiedMessages(ids)],
    ['loadNotifiedRecipients', load.loadNotifiedRecipients(ids)],
    ['addRecords', close.addRecords(organizationId, ids, ...of(17))],
    ['addRecipients', close.addRecipients(organizationId, ids, ['a'], ['b'], ids, ['process'], ids)],
    ['settleRecipients', close.settleRecipients(ids, ...of(12))],
    ['finishMessages', close.finishMessages(organizationId, ids, ...of(7))],
    ['lockMessages', wake.lockMessages(ids)],
    ['refreshMessages', wake.refreshMessages(organizationId, ids)],
    ['wakeRecipients', acts.wakeRecipients(organizationId, ids[0] ?? '', ['a'], false, false)],
    ['rejectRecipients', acts.rejectRecipients(ids[0] ?? '', ['a'])],
  ])('guarantees that %s finds rows by their keys', async (_, statement) => {
    const scans = await scansOf(statement);
    expect(scans).not.toEqual([]);
    expect(scans.filter((scan) => !scan.endsWith('_pkey'))).toEqual([]);
  });

  it('guarantees that messages are found by a state of few recipients without looking at all', async () => {
    let asked: Statement | undefined;
    const pool = {
      one: async (_: string, statement: Statement) => {
        asked = statement;
        return await Promise.resolve([]);
      },
    };
    const page = { limit: 50, cursor: null };
    await listMessages(pool as unknown as DatabasePool, organizationId, { state: 'held' }, page);
    const scans = await scansOf({ ...(asked ?? { text: '', values: [] }), name: 'list_by_state' });
    expect(scans).toContain('recipient_state');
    expect(scans.filter((scan) => !scan.endsWith('_pkey'))).toEqual(['recipient_state']);
  });

  it('would tell if they did not', async () => {
    const scans = await scansOf({ name: 'x', text: 'SELECT * FROM recipient WHERE n = $1', values: [1] });
    expect(scans.filter((scan) => !scan.endsWith('_pkey'))).not.toEqual([]);
  });
});
