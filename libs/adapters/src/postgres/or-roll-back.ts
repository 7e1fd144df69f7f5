import { AdapterError } from '../errors.js';
import type { DatabasePool, Send } from './database-pool.js';

/**
 * A transaction that ends with an outcome either way: kept, or rolled back where `work` says `rollBack`. Errors: those of
 * the database.
 */
export async function orRollBack<T>(
  pool: DatabasePool,
  organizationId: string,
  work: (send: Send, rollBack: (outcome: T) => never) => Promise<T>,
): Promise<T> {
  const rolledBack: { outcome?: T } = {};
  // One of ours, which the pool passes on as it is.
  const signal = new AdapterError('ERR_DATABASE_FAILED', { detail: { reason: 'rolled back on purpose' } });
  const rollBack = (outcome: T): never => {
    rolledBack.outcome = outcome;
    throw signal;
  };
  try {
    return await pool.transaction(organizationId, (send) => work(send, rollBack));
  } catch (error) {
    if (error === signal) return rolledBack.outcome as T;
    throw error;
  }
}
