import { isId } from '#lib/core';
import {
  openSummary,
  openTrace,
  outcomesOf,
  type Accepted,
  type FlowEvent,
  type JudgedMessage,
  type KeptJudging,
  type Kms,
  type Protection,
  type RecipientState,
  type RuleSets,
} from '#lib/flow';
import { restoreOutcomes } from '#lib/rules';
import type { DatabasePool } from '../database-pool.js';
import { prepared } from '../statement.js';
import type {
  MessageActInput,
  MessageActOutcome,
  MessageDetail,
  MessageFilter,
  MessageListItem,
  MessageStatus,
  MessageStore,
  Page,
  PageQuery,
} from '../stores.js';
import { loadJudged, loadJudgingTrace } from './judgings.js';
import { actOn } from './message-acts.js';
import { listMessages, SHOWN_STATUS } from './message-list.js';

interface DetailRow {
  readonly id: string;
  readonly status: MessageStatus;
  readonly kind: 'mail' | 'notice';
  readonly mail_from: string;
  readonly size_bytes: number;
  readonly received_at: Date;
  readonly source: string;
  readonly rule_set: string;
  readonly wrapped_key: Buffer | null;
  readonly sealed_trace: Buffer | null;
  readonly sealed_summary: Buffer | null;
  readonly judging: KeptJudging | null;
}

interface RecipientDetailRow {
  readonly n: number;
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly state: RecipientState;
  readonly protection: Protection | null;
  readonly rules: string[];
  readonly code: string | null;
  readonly attempts: number;
  readonly last_reply: string | null;
  readonly last_attempt_at: Date | null;
  readonly delivery_id: string | null;
}

const findMessage = prepared<DetailRow, [id: string]>(
  'find_message',
  `SELECT m.id, ${SHOWN_STATUS} AS status, m.kind, m.mail_from, m.size_bytes, m.received_at, m.source,
          coalesce(m.rule_set_used, m.rule_set) AS rule_set, m.wrapped_key, m.sealed_trace, m.sealed_summary,
          CASE WHEN m.wrapped_key IS NULL THEN m.judging END AS judging
     FROM message m WHERE m.id = $1`,
);
const findRecipients = prepared<RecipientDetailRow, [messageId: string]>(
  'find_recipients',
  `SELECT n, address, origin, state, protection, rules, code, attempts, last_reply, last_attempt_at, delivery_id
     FROM recipient WHERE message_id = $1 ORDER BY n`,
);
const findEvents = prepared<FlowEvent, [messageId: string]>(
  'find_events',
  'SELECT type, at, detail FROM event WHERE message_id = $1 ORDER BY id',
);
const findContent = prepared<{ blob: string; wrapped_key: Buffer; size_bytes: number }, [id: string]>(
  'find_content',
  'SELECT blob, wrapped_key, size_bytes FROM message WHERE id = $1 AND wrapped_key IS NOT NULL',
);

export class PostgresMessages implements MessageStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly openDataKey: Kms['openDataKey'],
    private readonly ruleSets: RuleSets,
  ) {}

  list(organizationId: string, filter: MessageFilter, page: PageQuery): Promise<Page<MessageListItem>> {
    return listMessages(this.pool, organizationId, filter, page);
  }

  async find(organizationId: string, id: string): Promise<MessageDetail | undefined> {
    if (!isId(id)) return undefined;
    const [[row], recipients, events] = await this.pool.batch(organizationId, [
      findMessage(id),
      findRecipients(id),
      findEvents(id),
    ]);
    if (row === undefined) return undefined;
    return {
      id: row.id,
      status: row.status,
      kind: row.kind,
      mailFrom: row.mail_from,
      sizeBytes: row.size_bytes,
      receivedAt: row.received_at.toISOString(),
      source: row.source,
      ruleSet: row.rule_set,
      recipients: recipients.map(recipientOf),
      events,
      ...(row.wrapped_key === null
        ? { summary: null, trace: await this.#restored(organizationId, row, recipients) }
        : await this.#opened(organizationId, row)),
      isContentDestroyed: row.wrapped_key === null,
    };
  }

  act(organizationId: string, id: string, input: MessageActInput): Promise<MessageActOutcome> {
    return actOn(this.pool, organizationId, id, input);
  }

  judged(organizationId: string, id: string): Promise<JudgedMessage | undefined> {
    return loadJudged(this.pool, organizationId, id);
  }

  judgingTrace(organizationId: string, id: string, judging: number): Promise<Uint8Array | null> {
    return loadJudgingTrace(this.pool, organizationId, id, judging);
  }

  async content(
    organizationId: string,
    id: string,
  ): Promise<Pick<Accepted, 'blob' | 'wrappedKey' | 'sizeBytes'> | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.pool.one(organizationId, findContent(id));
    return row === undefined ? undefined : { blob: row.blob, wrappedKey: row.wrapped_key, sizeBytes: row.size_bytes };
  }

  async #opened(organizationId: string, row: DetailRow): Promise<Pick<MessageDetail, 'summary' | 'trace'>> {
    const { wrapped_key: wrapped, sealed_summary: summary, sealed_trace: trace } = row;
    if (wrapped === null || (summary === null && trace === null)) return { summary: null, trace: null };
    const dataKey = await this.openDataKey(organizationId, wrapped);
    return {
      summary: summary === null ? null : openSummary(dataKey, summary),
      trace: trace === null ? null : openTrace(dataKey, trace),
    };
  }

  /** The rules that matched or failed, of what outlives the content. */
  async #restored(
    organizationId: string,
    { judging, rule_set: ruleSet, received_at: receivedAt }: DetailRow,
    recipients: readonly RecipientDetailRow[],
  ): Promise<MessageDetail['trace']> {
    const outcomes = judging === null ? undefined : outcomesOf(judging, recipients);
    if (outcomes === undefined) return null;
    const content = await this.ruleSets.load(organizationId, ruleSet);
    const rules = restoreOutcomes(content, outcomes, receivedAt.toISOString(), 'telling');
    return { rules: rules.map((rule) => ({ ...rule, why: [] })) };
  }
}

function recipientOf(row: RecipientDetailRow): MessageDetail['recipients'][number] {
  const { address, origin, state, protection, rules, code } = row;
  const delivery =
    row.delivery_id === null
      ? null
      : { attempts: row.attempts, lastReply: row.last_reply, at: row.last_attempt_at?.toISOString() ?? null };
  return { address, origin, state, protection, rules, code, delivery };
}
