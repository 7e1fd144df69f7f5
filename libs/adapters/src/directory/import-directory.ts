import type { DatabasePool, Send } from '../postgres/database-pool.js';
import { orRollBack } from '../postgres/or-roll-back.js';
import { prepared } from '../postgres/statement.js';
import type { ImportOptions, ImportOutcome } from './directory-stores.js';

const BATCH = 1_000;

/** One import of an organization at a time: two that pass each other could each find the other's half. */
const waitForOthers = prepared<never, [organizationId: string]>(
  'wait_for_directory_import',
  `SELECT pg_advisory_xact_lock(hashtext('sealflow.directory ' || $1))`,
);

/** Runs an import in one transaction, which is kept only if it was written and was meant. */
export async function inOneImport(
  pool: DatabasePool,
  organizationId: string,
  { isDryRun }: ImportOptions,
  work: (send: Send) => Promise<ImportOutcome>,
): Promise<ImportOutcome> {
  return await orRollBack(pool, organizationId, async (send, rollBack) => {
    await send(waitForOthers(organizationId));
    const outcome = await work(send);
    return isDryRun || outcome.kind === 'refused' ? rollBack(outcome) : outcome;
  });
}

/** As many as one statement takes well. */
export function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}
