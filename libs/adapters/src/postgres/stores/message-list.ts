import { sql } from 'kysely';
import type { DatabasePool } from '../database-pool.js';
import { isId } from '#lib/core';
import { pageOf, timeCursor, timeOfCursor } from '../pages.js';
import { built } from '../statement.js';
import type { MessageFilter, MessageListItem, MessageStatus, Page, PageQuery } from '../stores.js';
import type { RecipientState } from '#lib/flow';
import { sqlOf } from '../tables.js';

interface ListRow {
  readonly id: string;
  readonly status: MessageStatus;
  readonly kind: 'mail' | 'notice';
  readonly mail_from: string;
  readonly size_bytes: number;
  readonly received_at: Date;
  readonly source: string;
  readonly rule_set: string;
  readonly recipient_count: number;
  readonly recipients: MessageListItem['recipients'];
}

/** So many recipients of each message are shown in a list; the message itself has them all. */
const RECIPIENTS_MAX = 100;

/** `accepted` becomes `processing` when a worker takes the message; that stands in the outbox, not in each message. */
export const SHOWN_STATUS = `CASE
  WHEN m.status = 'accepted' AND EXISTS (SELECT FROM outbox o WHERE o.id = m.id AND o.queue = 'process' AND o.tries > 0)
  THEN 'processing' ELSE m.status END`;
const shownStatus = sql.raw<MessageStatus>(SHOWN_STATUS);

/** These have no index of their own (db/migrations/0008): mail that is under way, and the many. */
const COMMON_STATES: ReadonlySet<RecipientState> = new Set<RecipientState>(['pending', 'deferred', 'delivered']);

/**
 * A page of messages, newest first. The narrowest of the filters is what the list walks along: address, then a rare state
 * of recipients, then rule, then the message itself; each has an index in the order of the list.
 */
export async function listMessages(
  pool: DatabasePool,
  organizationId: string,
  filter: MessageFilter,
  page: PageQuery,
): Promise<Page<MessageListItem>> {
  const ids = filter.ids?.filter(isId);
  if (filter.rule !== undefined && !isId(filter.rule)) return { items: [], nextCursor: null };
  const [along, join, ...conditions] = walk(organizationId, filter);
  conditions.push(sql`${along.organization} = ${organizationId}`);
  const { status, mailFrom, since } = filter;
  if (status !== undefined) {
    conditions.push(sql`m.status = ${status === 'processing' ? 'accepted' : status}`);
    if (status === 'accepted' || status === 'processing') conditions.push(sql`${shownStatus} = ${status}`);
  }
  if (mailFrom !== undefined) conditions.push(sql`m.mail_from_key = ${mailFrom}`);
  if (since !== undefined) conditions.push(sql`${along.at} >= ${since}`);
  if (ids !== undefined) conditions.push(sql`m.id = ANY (${ids}::uuid[])`);
  if (page.cursor !== null) {
    const { at, id } = timeOfCursor(page.cursor);
    conditions.push(sql`(${along.at}, ${along.id}) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const query = sql<ListRow>`
    SELECT m.id, ${shownStatus} AS status, m.kind, m.mail_from, m.size_bytes, m.received_at, m.source,
           coalesce(m.rule_set_used, m.rule_set) AS rule_set,
           (SELECT count(*) FROM recipient c WHERE c.message_id = m.id) AS recipient_count,
           (SELECT coalesce(json_agg(json_build_object('address', s.address, 'state', s.state, 'code', s.code) ORDER BY s.n), '[]')
              FROM (SELECT c.address, c.state, c.code, c.n FROM recipient c WHERE c.message_id = m.id
                     ORDER BY c.n LIMIT ${RECIPIENTS_MAX}) s) AS recipients
      FROM ${join}
     WHERE ${sql.join(conditions, sql` AND `)}
     ORDER BY ${along.at} DESC, ${along.id} DESC LIMIT ${page.limit + 1}`;
  const rows = await pool.one(organizationId, built<ListRow>({ compile: () => query.compile(sqlOf) }));
  return pageOf(rows, page, itemOf, (row) => timeCursor(row.received_at, row.id));
}

function walk(organizationId: string, { rcptTo, rule, state }: MessageFilter) {
  const byRule = rule === undefined ? sql`` : sql`JOIN message_rule w ON w.message_id = m.id AND w.rule_id = ${rule}`;
  // As a constant: a plan that is kept could not use an index over some states otherwise.
  const inState = state === undefined ? sql`` : sql`AND r.state = ${sql.lit(state)}`;
  if (rcptTo !== undefined) {
    const byAddress = sql`recipient r JOIN message m ON m.id = r.message_id AND r.address = ${rcptTo}`;
    return [alongOf('r', 'message_id'), sql`${byAddress} ${inState} ${byRule}`] as const;
  }
  if (state !== undefined && !COMMON_STATES.has(state)) {
    // Each message once, however many of its recipients are in the state.
    const byState = sql`(SELECT DISTINCT r.organization_id, r.received_at, r.message_id FROM recipient r
      WHERE r.organization_id = ${organizationId} ${inState}) r`;
    return [alongOf('r', 'message_id'), sql`${byState} JOIN message m ON m.id = r.message_id ${byRule}`] as const;
  }
  const someone = sql`EXISTS (SELECT FROM recipient r WHERE r.message_id = m.id ${inState})`;
  const conditions = state === undefined ? [] : [someone];
  if (state === 'pending' || state === 'deferred') conditions.push(sql`m.status = ANY ('{accepted,delivering}')`);
  const along = rule === undefined ? alongOf('m', 'id') : alongOf('w', 'message_id');
  return [along, sql`message m ${byRule}`, ...conditions] as const;
}

function alongOf(table: string, id: string) {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  return { organization: column('organization_id'), at: column('received_at'), id: column(id) };
}

function itemOf(row: ListRow): MessageListItem {
  return {
    id: row.id,
    status: row.status,
    kind: row.kind,
    mailFrom: row.mail_from,
    sizeBytes: row.size_bytes,
    receivedAt: row.received_at.toISOString(),
    source: row.source,
    ruleSet: row.rule_set,
    recipientCount: row.recipient_count,
    recipients: row.recipients,
  };
}
