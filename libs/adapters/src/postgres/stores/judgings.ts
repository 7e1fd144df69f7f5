import { isId } from '#lib/core';
import type { JudgedMessage, KeptJudging } from '#lib/flow';
import type { DatabasePool } from '../database-pool.js';
import { acceptedOf, loadMessages, loadRecipients } from '../record/load-messages.js';
import { prepared } from '../statement.js';

interface JudgingRow {
  readonly rule_set: string | null;
  readonly judging: KeptJudging | null;
  readonly is_judged: boolean;
}

const findJudgings = prepared<JudgingRow, [messageId: string]>(
  'find_judgings',
  `SELECT j.rule_set, j.judging, j.is_judged
     FROM (SELECT n, rule_set, judging, true AS is_judged FROM earlier_judging WHERE message_id = $1
           UNION ALL
           SELECT NULL, rule_set_used, judging, status <> 'accepted' FROM message WHERE id = $1) j
    ORDER BY j.n NULLS LAST`,
);
/** Of an earlier one, else of the last: the number after theirs. */
const findTrace = prepared<{ sealed_trace: Buffer | null }, [messageId: string, n: number]>(
  'find_judging_trace',
  `SELECT sealed_trace FROM earlier_judging WHERE message_id = $1 AND n = $2
   UNION ALL
   SELECT sealed_trace FROM message
    WHERE id = $1 AND $2 = (SELECT count(*) FROM earlier_judging WHERE message_id = $1)`,
);

/** A message and how it was judged; `undefined` if there is no such one. */
export async function loadJudged(
  pool: DatabasePool,
  organizationId: string,
  id: string,
): Promise<JudgedMessage | undefined> {
  if (!isId(id)) return undefined;
  const [[message], recipients, rows] = await pool.batch(organizationId, [
    loadMessages([id]),
    loadRecipients([id]),
    findJudgings(id),
  ]);
  if (message === undefined) return undefined;
  return {
    accepted: acceptedOf(organizationId, message, recipients, { queue: 'process', claim: '', tries: 0 }),
    isContentKept: message.wrapped_key !== null,
    isJudged: rows.at(-1)?.is_judged === true,
    judgings: rows.flatMap(({ rule_set: ruleSet, judging: kept }) => (kept === null ? [] : [{ ruleSet, kept }])),
  };
}

/** What a judging kept sealed; `null` if there is nothing, or no such judging. */
export async function loadJudgingTrace(
  pool: DatabasePool,
  organizationId: string,
  id: string,
  judging: number,
): Promise<Uint8Array | null> {
  const [row] = await pool.one(organizationId, findTrace(id, judging));
  return row?.sealed_trace ?? null;
}
